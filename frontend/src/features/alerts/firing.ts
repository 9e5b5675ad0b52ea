import { useQuery } from "@tanstack/react-query";
import { type Api, body } from "~/api/client";
import { useApi } from "~/api/context";
import { type Alert, type Instance, type Severity, severityRank, tagsKey } from "./model";

/** One instance that is in ALARM, with its alert. */
export interface Firing {
  readonly alert: Alert;
  readonly instance: Instance;
  /** Of the level that it is at. */
  readonly severity: Severity;
}

export interface FiringNow {
  /** Gravest first, of the same severity the newest first. */
  readonly firing: readonly Firing[];
  /** There are others, which were not asked for. */
  readonly more: boolean;
}

const INTERVAL_MS = 5_000;
const PER_PAGE = "100";
/** So many are shown at most: nobody reads more of them, and each page is a request every five seconds. */
const MOST_PAGES = 5;

/** Puts pages of alerts together: an alert with many instances comes on several of them. */
export function firingOf(alerts: readonly Alert[]): Firing[] {
  const found = new Map<string, Firing>();
  for (const alert of alerts) {
    for (const instance of alert.instances.filter((each) => each.state === "ALARM")) {
      const severity = instance.severity ?? alert.severity ?? "medium";
      found.set(`${alert.id} ${tagsKey(instance.tags)}`, { alert, instance, severity });
    }
  }
  return [...found.values()].sort(
    (a, b) =>
      severityRank(a.severity) - severityRank(b.severity) ||
      b.instance.since - a.instance.since ||
      a.alert.name.localeCompare(b.alert.name),
  );
}

export async function readFiring(api: Api, signal?: AbortSignal): Promise<FiringNow> {
  const alerts: Alert[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { state: "ALARM", limit: PER_PAGE, ...(cursor === null ? {} : { cursor }) };
    const found: { alerts: readonly Alert[]; cursor: string | null } = await body(
      api.GET("/api/alerts", { params: { query }, ...(signal && { signal }) }),
    );
    alerts.push(...found.alerts);
    cursor = found.cursor;
    if (cursor === null) {
      break;
    }
  }
  return { firing: firingOf(alerts), more: cursor !== null };
}

/** What fires now, asked again every five seconds; a refresh that fails keeps the last answer. */
export function useFiring() {
  const api = useApi();
  return useQuery({
    queryKey: ["alerts", "firing"],
    queryFn: ({ signal }) => readFiring(api, signal),
    refetchInterval: INTERVAL_MS,
  });
}
