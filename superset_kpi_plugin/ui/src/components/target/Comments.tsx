/** What people said about a target, oldest first; `@name` mentions somebody. Text is shown as text. */
import { Button, Input, Skeleton } from "antd";
import { Fragment, useState } from "react";
import { useAddComment, useComments } from "../../data/agreement";
import { formatInstant } from "../../data/period";
import type { TargetRow } from "../../data/types";
import { useI18n } from "../../i18n";
import { errorText } from "../StateMessage";

export function Comments({ row, canWrite }: { row: TargetRow; canWrite: boolean }) {
  const i18n = useI18n();
  const { t, locale } = i18n;
  const { data, isPending, isError } = useComments(row.id);
  const add = useAddComment(row.id);
  const [text, setText] = useState("");
  if (row.id === null) return <p className="kp-muted">{t("comments.save_first")}</p>;
  const send = () => add.mutate(text.trim(), { onSuccess: () => setText("") });
  return (
    <section className="kp-comments" aria-label={t("comments.title")} data-testid="comments">
      {isPending ? <Skeleton active title={false} paragraph={{ rows: 2 }} /> : null}
      {isError ? <p className="kp-muted">{t("comments.failed")}</p> : null}
      {data?.length === 0 ? <p className="kp-muted">{t("comments.none")}</p> : null}
      <ol className="kp-timeline">
        {data?.map((comment) => (
          <li key={comment.id}>
            <div className="kp-timeline__head">
              <strong>{comment.author}</strong>
              <span className="kp-muted">{formatInstant(comment.at, locale)}</span>
            </div>
            <p className="kp-prewrap" data-testid="comment">
              <WithMentions text={comment.text} names={comment.mentions} />
            </p>
          </li>
        ))}
      </ol>
      {canWrite ? (
        <div className="kp-comments__new">
          <Input.TextArea
            value={text}
            maxLength={2000}
            autoSize={{ minRows: 2, maxRows: 8 }}
            aria-label={t("comments.new")}
            placeholder={t("comments.placeholder")}
            status={add.isError ? "error" : undefined}
            onChange={(event) => setText(event.target.value)}
            data-testid="comment-text"
          />
          {add.isError ? (
            <span className="kp-field__error" role="alert">
              {errorText(add.error, i18n)}
            </span>
          ) : null}
          <Button
            type="primary"
            disabled={text.trim() === ""}
            loading={add.isPending}
            onClick={send}
            data-testid="comment-send"
          >
            {t("comments.send")}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

function WithMentions({ text, names }: { text: string; names: readonly string[] }) {
  const known = new Set(names);
  return (
    <>
      {text.split(/(@[\w.-]+)/).map((part, at) =>
        known.has(part.slice(1)) && part.startsWith("@") ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text, never reordered
          <strong key={at}>{part}</strong>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text, never reordered
          <Fragment key={at}>{part}</Fragment>
        ),
      )}
    </>
  );
}
