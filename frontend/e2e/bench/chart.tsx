import { useState } from "react";
import { createRoot } from "react-dom/client";
import { Chart } from "~/ui/chart/chart";
import { Heatmap } from "~/ui/chart/heatmap";
import { Sparkline } from "~/ui/chart/sparkline";
import type { ChartSeries } from "~/ui/chart/types";
import { followSystem } from "~/ui/theme";

/**
 * A page that draws `?series=10&points=5000` and new data at each press of "Update". What it took is in
 * the performance entries `skafu:chart:paint` and `skafu:chart:update`.
 */
const asked = new URLSearchParams(location.search);
const SERIES = Number(asked.get("series") ?? 10);
const POINTS = Number(asked.get("points") ?? 5_000);
const START = Date.UTC(2026, 10, 22);

function series(turn: number): ChartSeries[] {
  const timestamps = Array.from({ length: POINTS }, (_, i) => START + i * 10_000);
  return Array.from({ length: SERIES }, (_, n) => ({
    id: `s${n}`,
    label: `host=web-${n}`,
    tags: { host: `web-${n}` },
    timestamps,
    values: timestamps.map((_, i) =>
      i % 1_000 < 60 ? null : 40 + 5 * n + 10 * Math.sin((i + turn * 50) / (80 + n)) + (i % 7),
    ),
  }));
}

function Bench() {
  const [turn, setTurn] = useState(0);
  const [shown, setShown] = useState(() => series(0));
  const [threshold, setThreshold] = useState(80);
  const range = { start: START, end: START + POINTS * 10_000 };
  const percentiles = [10, 25, 50, 75, 90, 95, 99].map((p) => ({
    ...(shown[0] as ChartSeries),
    id: `p${p}`,
    label: `p${p}`,
    values: (shown[0] as ChartSeries).values.map((v) => (v === null ? null : v + p / 4)),
  }));
  return (
    <main style={{ width: 1000, maxWidth: "100%" }}>
      <button
        type="button"
        onClick={() => {
          setTurn(turn + 1);
          setShown(series(turn + 1));
        }}
      >
        Update
      </button>
      <Chart
        title="Bench"
        series={shown}
        range={range}
        period={10}
        unit="Percent"
        height={400}
        syncKey="bench"
        onZoom={() => undefined}
        lines={[
          { id: "t", value: threshold, label: "Threshold", tone: "critical", onMove: setThreshold },
          { id: "r", value: 40, label: "Recovery", tone: "ok" },
        ]}
        bands={[
          {
            start: START + 5_000_000,
            end: START + 9_000_000,
            tone: "critical",
            label: "Would have fired",
          },
        ]}
      />
      {asked.has("all") && (
        <>
          <Heatmap
            title="Latency"
            percentiles={percentiles}
            range={range}
            period={10}
            unit="Milliseconds"
            syncKey="bench"
          />
          <Sparkline label="CPU" values={shown[0]?.values ?? []} width={160} height={32} />
          <Chart title="Nothing" series={[]} range={range} period={10} />
          <Chart title="Area" kind="area" series={shown.slice(0, 2)} range={range} period={10} />
        </>
      )}
    </main>
  );
}

followSystem();
const root = document.getElementById("root");
if (root === null) {
  throw new Error("chart.html lacks the element that the charts are shown in");
}
createRoot(root).render(<Bench />);
