/** Grain and period, with a step back and forth. */
import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Button, DatePicker, Select, Space } from "antd";
import dayjs from "dayjs";
import { formatPeriod, periodStart, shiftPeriod } from "../../data/period";
import { GRAINS, type Grain } from "../../data/types";
import { useI18n } from "../../i18n";

interface Props {
  grain: Grain;
  start: string;
  /** False where the grain is given. */
  hasGrain?: boolean;
  onChange: (grain: Grain, start: string) => void;
}

const PICKERS = { day: "date", week: "week", month: "month", quarter: "quarter", year: "year" } as const;

export function PeriodPicker({ grain, start, hasGrain = true, onChange }: Props) {
  const { t, label, locale } = useI18n();
  return (
    <div className="kp-period" data-testid="period">
      {hasGrain ? (
        <Select<Grain>
          value={grain}
          aria-label={t("filter.grain")}
          className="kp-period__grain"
          onChange={(next) => onChange(next, periodStart(start, next))}
          options={[...GRAINS].reverse().map((value) => ({ value, label: label("grain", value) }))}
          data-testid="filter-grain"
        />
      ) : null}
      <Space.Compact>
        <Button
          icon={<LeftOutlined />}
          aria-label={t("filter.previous_period")}
          onClick={() => onChange(grain, shiftPeriod(start, grain, -1))}
          data-testid="period-previous"
        />
        <DatePicker
          picker={PICKERS[grain]}
          value={dayjs(start)}
          allowClear={false}
          inputReadOnly
          aria-label={t("filter.period")}
          className="kp-period__date"
          format={(day) => formatPeriod(periodStart(day.format("YYYY-MM-DD"), grain), grain, locale)}
          onChange={(day) => day && onChange(grain, periodStart(day.format("YYYY-MM-DD"), grain))}
        />
        <Button
          icon={<RightOutlined />}
          aria-label={t("filter.next_period")}
          onClick={() => onChange(grain, shiftPeriod(start, grain, 1))}
          data-testid="period-next"
        />
      </Space.Compact>
    </div>
  );
}
