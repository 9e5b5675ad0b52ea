import "./alerts.css";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TextFilter, { type TextFilterProps } from "@cloudscape-design/components/text-filter";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { RoleButton } from "~/ui/disabled-button";
import { plural } from "~/ui/format";
import { useShortcut } from "~/ui/keys";
import { Empty, Failure } from "~/ui/states";
import { severityText, stateText } from "./badges";
import { ExportButton } from "./export";
import { ListTable } from "./list-table";
import { type Listing, useListing } from "./listing";
import { SEVERITIES, STATES } from "./model";
import type { ListSearch } from "./search";

const route = getRouteApi("/alerts");

const ANY_STATE: SelectProps.Option = { value: "", label: "Any state" };
const ANY_SEVERITY: SelectProps.Option = { value: "", label: "Any severity" };
const STATE_OPTIONS = [ANY_STATE, ...STATES.map((value) => ({ value, label: stateText(value) }))];
const SEVERITY_OPTIONS = [
  ANY_SEVERITY,
  ...SEVERITIES.map((value) => ({ value, label: severityText(value) })),
];
/** While somebody types, the URL is left alone. */
const TYPING_MS = 250;

function Filters(props: { search: ListSearch; found: number; onChange: (s: ListSearch) => void }) {
  const { search, onChange } = props;
  const [text, setText] = useState(search.name ?? "");
  useEffect(() => setText(search.name ?? ""), [search.name]);
  useEffect(() => {
    if (text === (search.name ?? "")) {
      return;
    }
    const timer = setTimeout(() => onChange(withField(search, "name", text)), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, search, onChange]);
  const filtered = Object.keys(search).length > 0;
  const field = useRef<TextFilterProps.Ref>(null);
  useShortcut("/", "Search alerts", () => field.current?.focus());
  return (
    <div className="alert-filters">
      <TextFilter
        ref={field}
        filteringText={text}
        filteringPlaceholder="Name, metric, tag or label"
        filteringAriaLabel="Find alerts"
        filteringClearAriaLabel="Clear"
        countText={filtered ? plural(props.found, "match", "matches") : ""}
        onChange={({ detail }) => setText(detail.filteringText)}
      />
      <Select
        ariaLabel="State"
        options={STATE_OPTIONS}
        selectedOption={STATE_OPTIONS.find((each) => each.value === search.state) ?? ANY_STATE}
        onChange={({ detail }) =>
          onChange(withField(search, "state", detail.selectedOption.value ?? ""))
        }
      />
      <Select
        ariaLabel="Severity"
        options={SEVERITY_OPTIONS}
        selectedOption={
          SEVERITY_OPTIONS.find((each) => each.value === search.severity) ?? ANY_SEVERITY
        }
        onChange={({ detail }) =>
          onChange(withField(search, "severity", detail.selectedOption.value ?? ""))
        }
      />
    </div>
  );
}

function withField(search: ListSearch, field: keyof ListSearch, value: string): ListSearch {
  const { [field]: _, ...rest } = search;
  return value === "" ? rest : { ...rest, [field]: value };
}

/** How far the list was read, and a way on: lists come in pages, and nothing is kept from view silently. */
function ReadOn(props: { listing: Listing; named: boolean }) {
  const { listing, named } = props;
  if (!listing.hasMore) {
    return null;
  }
  return (
    <Box textAlign="center">
      <SpaceBetween size="xs">
        <Box color="text-body-secondary">
          {named
            ? `Looked for in ${plural(listing.read, "alert")}. There are more.`
            : `${plural(listing.read, "alert")} so far. There are more.`}
        </Box>
        <Button loading={listing.isFetching} onClick={listing.more}>
          {named ? "Look further" : "Load more"}
        </Button>
      </SpaceBetween>
    </Box>
  );
}

export function AlertsPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const listing = useListing(search);
  const filtered = Object.keys(search).length > 0;
  const change = (next: ListSearch) =>
    void navigate({ to: "/alerts", search: next, replace: true });
  const create = () => void navigate({ to: "/alerts/new", search: {} });
  const firing = listing.rows.filter((row) => row.state === "ALARM").length;
  return (
    <SpaceBetween size="m">
      {listing.error != null && (
        <Failure
          error={listing.error}
          what={
            listing.rows.length > 0
              ? "The list could not be refreshed and may be old"
              : "The alerts could not be read"
          }
          onRetry={listing.refetch}
        />
      )}
      <ListTable
        rows={listing.rows}
        loading={listing.isPending}
        header={
          <Header
            variant="h1"
            counter={
              listing.isPending ? "" : `(${listing.rows.length}${listing.hasMore ? "+" : ""})`
            }
            description={
              firing > 0 ? `${plural(firing, "alert")} in alarm.` : "What must never happen."
            }
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <ExportButton />
                <RoleButton needs="editor" variant="primary" onClick={create}>
                  New alert
                </RoleButton>
              </SpaceBetween>
            }
          >
            Alerts
          </Header>
        }
        filter={<Filters search={search} found={listing.rows.length} onChange={change} />}
        empty={
          filtered ? (
            <Empty
              title="No alert matches"
              action={<Button onClick={() => change({})}>Clear the filters</Button>}
            />
          ) : (
            <Empty
              title="No alerts yet"
              action={
                <RoleButton needs="editor" onClick={create}>
                  New alert
                </RoleButton>
              }
            >
              Say what must never happen: pick a metric and drag a line.
            </Empty>
          )
        }
        footer={<ReadOn listing={listing} named={search.name !== undefined} />}
      />
    </SpaceBetween>
  );
}
