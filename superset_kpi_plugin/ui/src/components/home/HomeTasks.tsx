/** What waits for the reader, each with the page where it is done. */
import { CheckCircleOutlined, RightOutlined } from "@ant-design/icons";
import type { HomeTask } from "../../data/home";
import { formatPeriod } from "../../data/period";
import { useI18n } from "../../i18n";
import { PageLink } from "../PageLink";

export function HomeTasks({ tasks, unacknowledged }: { tasks: readonly HomeTask[]; unacknowledged: number }) {
  const { t, locale } = useI18n();
  const isDone = tasks.length === 0 && unacknowledged === 0;
  return (
    <section className="kp-panel kp-home__part" aria-label={t("home.tasks")} data-testid="home-tasks">
      <h2>{t("home.tasks")}</h2>
      {isDone ? (
        <p className="kp-muted">
          <CheckCircleOutlined aria-hidden="true" /> {t("home.no_tasks")}
        </p>
      ) : null}
      <ul className="kp-home__list">
        {tasks.map((task) => (
          <li key={task.kind}>
            <PageLink
              page={task.kind === "sign" ? "reconciliation" : "targets"}
              at={placeOf(task)}
              className="kp-home__row"
              data-testid={`task-${task.kind}`}
            >
              <span className="kp-home__count">{task.count}</span>
              <span>
                {t(`home.task.${task.kind}`, { count: task.count })}
                {task.grain && task.period_start ? (
                  <span className="kp-muted"> · {formatPeriod(task.period_start, task.grain, locale)}</span>
                ) : null}
              </span>
              <RightOutlined className="kp-card__more" aria-hidden="true" />
            </PageLink>
          </li>
        ))}
        {unacknowledged > 0 ? (
          <li>
            <PageLink page="alerts" className="kp-home__row" data-testid="task-acknowledge">
              <span className="kp-home__count">{unacknowledged}</span>
              <span>{t("home.task.acknowledge", { count: unacknowledged })}</span>
              <RightOutlined className="kp-card__more" aria-hidden="true" />
            </PageLink>
          </li>
        ) : null}
      </ul>
    </section>
  );
}

/** The period to open, with the drafts shown. */
function placeOf(task: HomeTask): string {
  if (!task.grain || !task.period_start) return "";
  return `?${new URLSearchParams({ grain: task.grain, period: task.period_start, status: "draft" })}`;
}
