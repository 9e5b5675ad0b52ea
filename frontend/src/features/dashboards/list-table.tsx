import Box from "@cloudscape-design/components/box";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter, { type TextFilterProps } from "@cloudscape-design/components/text-filter";
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useRefusal } from "~/auth/session";
import { plural } from "~/ui/format";
import { useShortcut } from "~/ui/keys";
import { Stale } from "~/ui/stale";
import { Empty } from "~/ui/states";
import { Time } from "~/ui/time";
import type { Row } from "./data";
import { matching, type SortField, sorted } from "./rows";
import { useNarrow } from "./use-narrow";
import { Who } from "./who";

const PAGE_SIZE = 25;

interface ListTableProps {
  readonly query: UseQueryResult<{ rows: Row[]; limit: number }>;
  readonly onCopy: (row: Row) => void;
  readonly onExport: (row: Row) => void;
  readonly onDelete: (row: Row) => void;
}

export function ListTable(props: ListTableProps) {
  const { query } = props;
  const refused = useRefusal("editor");
  const narrow = useNarrow();
  const search = useRef<TextFilterProps.Ref>(null);
  const [text, setText] = useState("");
  const [page, setPage] = useState(1);
  const [sort, setSort] = useState<{ field: SortField; descending: boolean }>({
    field: "name",
    descending: false,
  });
  useShortcut("/", "Search dashboards", () => search.current?.focus());

  const rows = query.data?.rows ?? [];
  const found = sorted(matching(rows, text), sort.field, sort.descending);
  const pages = Math.max(1, Math.ceil(found.length / PAGE_SIZE));
  const current = Math.min(page, pages);
  const columns = columnsOf({ ...props, refused });
  return (
    <>
      <Stale query={query} what="the dashboards" />
      <Table
        items={found.slice((current - 1) * PAGE_SIZE, current * PAGE_SIZE)}
        trackBy="id"
        loading={query.isPending}
        loadingText="Loading dashboards"
        ariaLabels={{ tableLabel: "Dashboards" }}
        columnDefinitions={columns.filter((each) => !narrow || NARROW.includes(each.id ?? ""))}
        sortingColumn={columns.find((each) => each.sortingField === sort.field) ?? {}}
        sortingDescending={sort.descending}
        onSortingChange={({ detail }) =>
          setSort({
            field: detail.sortingColumn.sortingField as SortField,
            descending: detail.isDescending ?? false,
          })
        }
        header={
          <Header variant="h2" counter={query.data ? `(${rows.length})` : ""}>
            Your team's
          </Header>
        }
        filter={
          <TextFilter
            ref={search}
            filteringText={text}
            filteringPlaceholder="Search by name or description"
            filteringAriaLabel="Search dashboards"
            countText={text === "" ? "" : plural(found.length, "match", "matches")}
            onChange={({ detail }) => setText(detail.filteringText)}
          />
        }
        pagination={
          pages > 1 && (
            <Pagination
              currentPageIndex={current}
              pagesCount={pages}
              onChange={({ detail }) => setPage(detail.currentPageIndex)}
              ariaLabels={{
                nextPageLabel: "Next page",
                previousPageLabel: "Previous page",
                pageLabel: (number) => `Page ${number}`,
              }}
            />
          )
        }
        empty={
          rows.length === 0 ? (
            <Empty title="No dashboards yet">
              Create one, import one, or open a ready-made one below and copy it.
            </Empty>
          ) : (
            <Empty title="Nothing matches">Try fewer or other words.</Empty>
          )
        }
      />
    </>
  );
}

/** What is left where there is little room. */
const NARROW: readonly string[] = ["name", "actions"];

function columnsOf(
  props: ListTableProps & { refused: string | null },
): TableProps.ColumnDefinition<Row>[] {
  return [
    {
      id: "name",
      header: "Name",
      isRowHeader: true,
      sortingField: "name",
      minWidth: 140,
      cell: (row) => (
        <Link to="/dashboards/$id" params={{ id: row.id }} className="dashboard-link">
          {row.name}
        </Link>
      ),
    },
    {
      id: "description",
      header: "Description",
      minWidth: 160,
      cell: (row) => <Box color="text-body-secondary">{row.description.split("\n")[0]}</Box>,
    },
    { id: "panels", header: "Panels", sortingField: "panels", cell: (row) => row.panels },
    {
      id: "updated",
      header: "Updated",
      sortingField: "updated_at",
      minWidth: 180,
      cell: (row) => (
        <>
          <Time at={row.updated_at} /> by <Who id={row.updated_by} />
        </>
      ),
    },
    { id: "actions", header: "Actions", cell: (row) => <Actions {...props} row={row} /> },
  ];
}

function Actions(props: ListTableProps & { row: Row; refused: string | null }) {
  const { row, refused } = props;
  const forEditors = refused === null ? {} : { disabled: true, disabledReason: refused };
  return (
    <ButtonDropdown
      variant="icon"
      ariaLabel={`Actions for ${row.name}`}
      expandToViewport
      items={[
        { id: "copy", text: "Duplicate", ...forEditors },
        { id: "export", text: "Export" },
        { id: "delete", text: "Delete", ...forEditors },
      ]}
      onItemClick={({ detail }) => {
        const run = { copy: props.onCopy, export: props.onExport, delete: props.onDelete };
        run[detail.id as keyof typeof run](row);
      }}
    />
  );
}
