import { Link } from "@tanstack/react-router";
import { Empty } from "~/ui/states";

export function NotFound() {
  return (
    <Empty title="There is no such page" action={<Link to="/">Go to Home</Link>}>
      The address may be mistyped, or what it showed was deleted.
    </Empty>
  );
}
