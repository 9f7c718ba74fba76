/** Says as which character set a file was read, where that was found out: names tell whether it is right. */
import { useI18n } from "../../i18n";

export function EncodingNote({ encoding }: { encoding: string | null }) {
  const { t } = useI18n();
  if (!encoding || encoding === "utf-8") return null;
  const name = encoding === "gb18030" ? "GB18030 (GBK)" : encoding.toUpperCase();
  return (
    <p className="kp-muted" data-testid="encoding">
      {t("transfer.encoding", { encoding: name })}
    </p>
  );
}
