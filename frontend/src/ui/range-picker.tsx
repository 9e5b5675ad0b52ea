import "./range-picker.css";
import Button from "@cloudscape-design/components/button";
import Select from "@cloudscape-design/components/select";
import { useEffect, useId, useRef, useState } from "react";
import { useShortcut } from "./keys";
import {
  fieldOf,
  PRESETS,
  REFRESHES,
  rangeText,
  sameRange,
  spanOf,
  spanOfFields,
  type TimeRange,
  zoomedOut,
} from "./time-range";

/**
 * The time that a page shows, and how often it is asked for again. `t` opens it. A refresh makes sense
 * for ranges that end now only: for fixed ones it is disabled.
 */
export function RangePicker(props: {
  range: TimeRange;
  onChange: (range: TimeRange) => void;
  refresh?: number;
  onRefresh?: (seconds: number) => void;
}) {
  const { range, onChange, refresh = 0, onRefresh } = props;
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const opener = () => place.current?.querySelector<HTMLElement>("button");
  useShortcut("t", "Choose the time range", () => {
    setOpen(true);
  });
  const close = () => {
    setOpen(false);
    opener()?.focus();
  };
  useEffect(() => {
    if (!open) {
      return undefined;
    }
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && !place.current?.contains(event.target)) {
        setOpen(false);
      }
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const choose = (chosen: TimeRange) => {
    close();
    if (!sameRange(chosen, range)) {
      onChange(chosen);
    }
  };
  const selected = REFRESHES.find((each) => each.seconds === refresh) ?? {
    seconds: refresh,
    label: `Every ${refresh} s`,
  };
  const option = (each: { seconds: number; label: string }) => ({
    value: String(each.seconds),
    label: each.label,
  });
  return (
    <div className="range-picker" ref={place}>
      <Button
        iconName="calendar"
        ariaExpanded={open}
        ariaLabel={`Time range: ${rangeText(range)}`}
        onClick={() => setOpen(!open)}
      >
        {rangeText(range)}
      </Button>
      <Button
        iconName="zoom-out"
        variant="icon"
        ariaLabel="Zoom out: show twice as much time"
        onClick={() => onChange(zoomedOut(range))}
      />
      {onRefresh !== undefined && (
        <Select
          ariaLabel="Refresh"
          disabled={!("last" in range)}
          selectedOption={option(selected)}
          options={REFRESHES.map(option)}
          onChange={({ detail }) => onRefresh(Number(detail.selectedOption.value))}
        />
      )}
      {open && <Choices range={range} onChoose={choose} onClose={close} />}
    </div>
  );
}

function Choices(props: {
  range: TimeRange;
  onChoose: (range: TimeRange) => void;
  onClose: () => void;
}) {
  const { range, onChoose } = props;
  const shown = spanOf(range);
  const [start, setStart] = useState(() => fieldOf(shown.start));
  const [end, setEnd] = useState(() => fieldOf(shown.end));
  const [reason, setReason] = useState<string | null>(null);
  const dialog = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    const chosen = dialog.current?.querySelector<HTMLElement>("[aria-pressed='true']");
    (chosen ?? dialog.current?.querySelector<HTMLElement>("button"))?.focus();
  }, []);
  const apply = () => {
    const span = spanOfFields(start, end);
    if ("reason" in span) {
      setReason(span.reason);
    } else {
      onChoose(span);
    }
  };
  return (
    <div
      ref={dialog}
      className="range-choices"
      role="dialog"
      aria-label="Time range"
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          props.onClose();
        }
      }}
    >
      <div className="range-presets">
        {PRESETS.map((preset) => (
          <button
            key={preset.last}
            type="button"
            aria-pressed={sameRange(preset, range)}
            onClick={() => onChoose({ last: preset.last })}
          >
            {preset.label}
          </button>
        ))}
      </div>
      <form
        className="range-fields"
        onSubmit={(event) => {
          event.preventDefault();
          apply();
        }}
      >
        <label>
          From
          <input
            type="datetime-local"
            step={1}
            value={start}
            aria-describedby={reason === null ? undefined : id}
            onChange={(event) => setStart(event.target.value)}
          />
        </label>
        <label>
          To
          <input
            type="datetime-local"
            step={1}
            value={end}
            aria-describedby={reason === null ? undefined : id}
            onChange={(event) => setEnd(event.target.value)}
          />
        </label>
        {reason !== null && (
          <p id={id} role="alert" className="range-wrong">
            {reason}
          </p>
        )}
        <button type="submit">Show</button>
      </form>
    </div>
  );
}
