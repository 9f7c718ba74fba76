/** Calendars whose weeks are ISO weeks, as the KPI layer's are, in both languages. */
import type { Locale as AntdLocale } from "antd/es/locale";
import "dayjs/locale/en-gb";
import "dayjs/locale/zh-cn";

/** The component library's English starts weeks on Sunday; British English starts them on Monday. */
export function withIsoWeeks(locale: AntdLocale): AntdLocale {
  if (!locale.DatePicker) return locale;
  const { DatePicker } = locale;
  return { ...locale, DatePicker: { ...DatePicker, lang: { ...DatePicker.lang, locale: "en_GB" } } };
}
