import { describe, expect, it } from "vitest";
import type { Api } from "~/api/client";
import { firingOf, readFiring } from "./firing";
import type { Alert, Instance, Severity } from "./model";

function instance(host: string, since: number, severity: Severity | null = "high"): Instance {
  return {
    tags: { host },
    state: severity === null ? "OK" : "ALARM",
    since,
    value: 1,
    severity,
    acknowledged_by: null,
    acknowledged_at: null,
    assignee: null,
  };
}

function alert(id: string, ...instances: Instance[]): Alert {
  return { id, name: id, severity: "low", instances } as unknown as Alert;
}

describe("firingOf", () => {
  it("tells the gravest first, and of the same severity the newest", () => {
    const found = firingOf([
      alert("a", instance("old", 1), instance("new", 2)),
      alert("b", instance("worst", 0, "critical")),
    ]);
    expect(found.map((each) => each.instance.tags.host)).toEqual(["worst", "new", "old"]);
  });

  it("leaves out what does not fire", () => {
    expect(firingOf([alert("a", instance("fine", 1, null))])).toEqual([]);
  });

  it("tells an instance once that two pages have", () => {
    expect(firingOf([alert("a", instance("x", 1)), alert("a", instance("x", 1))])).toHaveLength(1);
  });
});

/** An API whose list has so many pages of one alert each. */
function paged(pages: number): { api: Api; asked: (string | undefined)[] } {
  const asked: (string | undefined)[] = [];
  const get = (_: string, options: { params: { query: { cursor?: string } } }) => {
    const { cursor } = options.params.query;
    asked.push(cursor);
    const page = Number(cursor ?? 0);
    const alerts = [alert(`a${page}`, instance("x", 1))];
    return Promise.resolve({
      data: { alerts, cursor: page + 1 < pages ? String(page + 1) : null },
    });
  };
  return { api: { GET: get } as unknown as Api, asked };
}

describe("readFiring", () => {
  it("follows the pages to the end", async () => {
    const { api, asked } = paged(3);
    const found = await readFiring(api);
    expect(found.firing).toHaveLength(3);
    expect(found.more).toBe(false);
    expect(asked).toEqual([undefined, "1", "2"]);
  });

  it("stops after some, and says that there are more", async () => {
    const { api, asked } = paged(99);
    const found = await readFiring(api);
    expect(found.more).toBe(true);
    expect(asked).toHaveLength(5);
  });
});
