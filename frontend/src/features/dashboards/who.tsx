import { useSession } from "~/auth/session";

/** Whoever did something, by the id that the API tells. */
export function Who(props: { id: string }) {
  const session = useSession();
  return props.id === session.id ? <>you</> : <span title={props.id}>{short(props.id)}</span>;
}

/** Ids are long and end differently: enough of one to tell two people apart. */
function short(id: string): string {
  return id.length > 13 ? `${id.slice(0, 8)}…` : id;
}
