import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { clockSkew } from "~/api/clock";
import { useWeather } from "~/api/observed";
import type { Report } from "~/api/weather";
import { clockHint } from "~/ui/clock-hint";
import { Time, useFromNow } from "~/ui/time";

/** So often is tried whether the API is back. */
const TRY_MS = 10_000;

/** Asks anew for all that is shown and could not be had. */
function askAgain(client: QueryClient): void {
  void client.refetchQueries({
    type: "active",
    predicate: (query) => query.state.status === "error" || query.state.fetchFailureCount > 0,
  });
}

/** One quiet line above the page when the API cannot be had as it should, and how old is what is shown. */
export function WeatherBar() {
  const weather = useWeather();
  const client = useQueryClient();
  const down = weather?.kind === "down";
  const wasDown = useRef(false);

  useEffect(() => {
    if (!down) {
      if (wasDown.current) {
        askAgain(client);
      }
      wasDown.current = false;
      return undefined;
    }
    wasDown.current = true;
    const timer = setInterval(() => void client.refetchQueries({ queryKey: ["me"] }), TRY_MS);
    return () => clearInterval(timer);
  }, [down, client]);

  const hint = useFromNow(useCallback(() => clockHint(clockSkew()), []));
  return (
    <div aria-live="polite">
      {weather !== null && (
        <Alert
          type={weather.kind === "slow" ? "info" : "warning"}
          {...(down
            ? {
                action: (
                  <Button onClick={() => void client.refetchQueries({ queryKey: ["me"] })}>
                    Try now
                  </Button>
                ),
              }
            : {})}
        >
          <Sentence weather={weather} />
        </Alert>
      )}
      {hint !== null && <Alert type="warning">{hint}</Alert>}
    </div>
  );
}

function Sentence(props: { weather: Report }) {
  const { weather } = props;
  switch (weather.kind) {
    case "offline":
      return (
        <>
          This computer is offline. <Age at={weather.lastAnswer} /> It is refreshed when the
          connection is back.
        </>
      );
    case "down":
      return (
        <>
          The API cannot be reached. <Age at={weather.lastAnswer} /> It is tried again every ten
          seconds.
        </>
      );
    case "limited":
      return (
        <>
          Too much was asked of the API at once. It can be asked again in{" "}
          <Countdown until={weather.until} />.
        </>
      );
    case "slow":
      return <>The API takes longer than usual. The page goes on when it answers.</>;
  }
}

function Age(props: { at: number | null }) {
  return props.at === null ? null : (
    <>
      What you see is of <Time at={props.at + clockSkew()} />.
    </>
  );
}

function Countdown(props: { until: number }) {
  const until = props.until + clockSkew();
  const seconds = useFromNow(
    useCallback((moment: number) => Math.max(1, Math.ceil((until - moment) / 1000)), [until]),
  );
  return <>{seconds} s</>;
}
