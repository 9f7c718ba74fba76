/** What a person does with an alert besides acknowledging it: snooze, give to somebody, comment, vote. */
import { DislikeOutlined, LikeOutlined } from "@ant-design/icons";
import { App, Button, Input, Select } from "antd";
import { useState } from "react";
import { useAlertActions, type Vote } from "../../data/alertActions";
import { isSnoozed } from "../../data/alertOrder";
import { formatInstant } from "../../data/period";
import type { AlertInstance } from "../../data/types";
import { useI18n } from "../../i18n";
import { errorText } from "../StateMessage";

const HOUR = 60;
/** For how long people commonly want to hear nothing, in minutes. */
export const SNOOZES = [4 * HOUR, 24 * HOUR, 3 * 24 * HOUR, 7 * 24 * HOUR] as const;
const VOTES: readonly Vote[] = ["useful", "noise"];

export function AlertActions({ alert }: { alert: AlertInstance }) {
  const i18n = useI18n();
  const { t, label, locale } = i18n;
  const { message } = App.useApp();
  const { snooze, assign, comment, vote } = useAlertActions(alert.id);
  const [text, setText] = useState("");
  const [assignee, setAssignee] = useState(alert.assignee ?? "");
  const failed = (error: unknown) => void message.error(errorText(error, i18n), 6);
  const done = (said: string) => ({ onSuccess: () => void message.success(said), onError: failed });
  const isOpen = alert.state === "firing" || alert.state === "pending";
  const mine = alert.votes?.mine ?? null;
  return (
    <section className="kp-alertacts" aria-label={t("alerts.actions")} data-testid="alert-actions">
      {isOpen ? (
        <div className="kp-alertacts__row">
          {isSnoozed(alert) ? (
            <>
              <span>
                {t("alerts.snoozed_until", { at: formatInstant(alert.snoozed_until ?? "", locale) })}
              </span>
              <Button
                loading={snooze.isPending}
                onClick={() => snooze.mutate(0, done(t("alerts.snooze_ended")))}
                data-testid="unsnooze"
              >
                {t("alerts.unsnooze")}
              </Button>
            </>
          ) : (
            <Select<number>
              value={null as unknown as number}
              placeholder={t("alerts.snooze")}
              aria-label={t("alerts.snooze")}
              loading={snooze.isPending}
              onChange={(minutes) => snooze.mutate(minutes, done(t("alerts.snooze_done")))}
              options={SNOOZES.map((value) => ({ value, label: label("alerts.snooze_for", String(value)) }))}
              data-testid="snooze"
            />
          )}
        </div>
      ) : null}
      {isOpen ? (
        <div className="kp-alertacts__row">
          <Input
            value={assignee}
            maxLength={64}
            placeholder={t("alerts.assignee_placeholder")}
            aria-label={t("alerts.assignee")}
            onChange={(event) => setAssignee(event.target.value)}
            data-testid="assignee"
          />
          <Button
            disabled={assignee.trim() === (alert.assignee ?? "")}
            loading={assign.isPending}
            onClick={() => assign.mutate(assignee.trim() || null, done(t("alerts.assign_done")))}
            data-testid="assign"
          >
            {t("alerts.assign")}
          </Button>
        </div>
      ) : null}
      <div className="kp-alertacts__row">
        <Input
          value={text}
          maxLength={2000}
          placeholder={t("alerts.thread_placeholder")}
          aria-label={t("alerts.thread")}
          onChange={(event) => setText(event.target.value)}
          data-testid="thread-text"
        />
        <Button
          disabled={!text.trim()}
          loading={comment.isPending}
          onClick={() => comment.mutate(text.trim(), { onSuccess: () => setText(""), onError: failed })}
          data-testid="thread-send"
        >
          {t("alerts.thread_send")}
        </Button>
      </div>
      {(alert.incident ?? 0) > 0 ? (
        <fieldset className="kp-alertacts__row kp-alertacts__votes">
          <legend>{t("alerts.vote")}</legend>
          {VOTES.map((name) => (
            <Button
              key={name}
              icon={name === "useful" ? <LikeOutlined /> : <DislikeOutlined />}
              aria-pressed={mine === name}
              type={mine === name ? "primary" : "default"}
              loading={vote.isPending && vote.variables === name}
              onClick={() => vote.mutate(mine === name ? null : name, { onError: failed })}
              data-testid={`vote-${name}`}
            >
              {label("alerts.vote_name", name)} {alert.votes?.[name] ?? 0}
            </Button>
          ))}
        </fieldset>
      ) : null}
    </section>
  );
}
