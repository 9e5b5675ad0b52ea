import { usePeople } from "~/features/alerts/data";

/** Whoever did something: "you", a name or address where one may know it, else the id. */
export function Who(props: { id: string }) {
  const { id } = props;
  const name = usePeople()(id);
  return name === id ? <span title={id}>{short(id)}</span> : name;
}

/** Ids are long and end differently: enough of one to tell two people apart. */
function short(id: string): string {
  return id.length > 13 ? `${id.slice(0, 8)}…` : id;
}
