import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { formatDuration, plural } from "~/ui/format";
import { type Tried, whyNot } from "../backtests";

/** "before: 5 pages", where a stored alert is compared with its change. */
function Before(props: { tried: Tried }) {
  const { result } = props.tried;
  if (result?.before == null || result.before.pages === result.pages) {
    return null;
  }
  return (
    <Box color="text-body-secondary" fontSize="body-s">
      Saved version: {plural(result.before.pages, "page")}
    </Box>
  );
}

function Count(props: { tried: Tried }) {
  const { window, result, error, isPending } = props.tried;
  return (
    <div>
      <Box variant="awsui-key-label">{window.label}</Box>
      {result !== undefined ? (
        <>
          <Box variant="awsui-value-large">{plural(result.pages, "page")}</Box>
          <Box color="text-body-secondary" fontSize="body-s">
            {result.seconds_in_alarm > 0
              ? `${formatDuration(result.seconds_in_alarm)} in alarm`
              : "Never in alarm"}
            {result.instances.length > 1 &&
              `, ${plural(result.instances.length + result.more_instances, "instance")}`}
          </Box>
          <Before tried={props.tried} />
          {result.warnings.map((each) => (
            <Box key={each} color="text-status-warning" fontSize="body-s">
              {each}
            </Box>
          ))}
        </>
      ) : error != null ? (
        <Box color="text-status-error" fontSize="body-s">
          {whyNot(error)}
        </Box>
      ) : isPending ? (
        <Box color="text-status-inactive">
          <Spinner /> Trying
        </Box>
      ) : (
        <Box color="text-status-inactive">–</Box>
      )}
    </div>
  );
}

/** How often it would have told somebody, by the machine that decides, over what is stored. */
export function Counts(props: { tried: readonly Tried[] }) {
  return (
    <SpaceBetween size="xs">
      <div className="alert-counts" aria-live="polite">
        <ColumnLayout columns={3} variant="text-grid" minColumnWidth={150}>
          {props.tried.map((each) => (
            <Count key={each.window.id} tried={each} />
          ))}
        </ColumnLayout>
      </div>
      <Box color="text-body-secondary" fontSize="body-s">
        Tried on what is stored, as if the alert had been there. Silences and routes are not
        counted.
      </Box>
    </SpaceBetween>
  );
}
