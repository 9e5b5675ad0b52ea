import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { ApiProblem } from "~/api/problem";

/** Success needs no answer and goes by itself; errors stay until they are closed. */
const SUCCESS_MS = 8_000;

export interface Toast {
  readonly id: number;
  readonly type: "success" | "info" | "warning" | "error";
  readonly text: string;
  readonly detail?: string;
}

export interface Toasts {
  /** It is done: "Alert saved". Goes by itself. */
  success(text: string): void;
  info(text: string): void;
  /** It did not work: "The alert was not saved", and the error whose sentence tells why. Stays. */
  error(text: string, error?: unknown): void;
}

interface Held {
  readonly toasts: Toasts;
  readonly shown: readonly Toast[];
  readonly dismiss: (id: number) => void;
}

const Current = createContext<Held | null>(null);

/** The newest at the top; the same sentence twice is shown once. */
export function added(shown: readonly Toast[], toast: Toast): readonly Toast[] {
  const others = shown.filter((each) => each.text !== toast.text || each.type !== toast.type);
  return [toast, ...others].slice(0, 5);
}

export function ToastsProvider(props: { children: ReactNode }) {
  const [shown, setShown] = useState<readonly Toast[]>([]);
  const dismiss = useCallback(
    (id: number) => setShown((before) => before.filter((each) => each.id !== id)),
    [],
  );
  const toasts = useMemo(() => {
    let last = 0;
    const add = (type: Toast["type"], text: string, detail?: string) => {
      last += 1;
      const toast = { id: last, type, text, ...(detail === undefined ? {} : { detail }) };
      setShown((before) => added(before, toast));
      if (type === "success") {
        setTimeout(() => dismiss(toast.id), SUCCESS_MS);
      }
    };
    return {
      success: (text: string) => add("success", text),
      info: (text: string) => add("info", text),
      error: (text: string, error?: unknown) => add("error", text, reason(error)),
    };
  }, [dismiss]);
  const held = useMemo(() => ({ toasts, shown, dismiss }), [toasts, shown, dismiss]);
  return <Current value={held}>{props.children}</Current>;
}

function reason(error: unknown): string | undefined {
  if (error instanceof ApiProblem && error.errors.length > 0) {
    return error.errors.map((each) => `${each.field}: ${each.reason}`).join("; ");
  }
  return error === undefined ? undefined : error instanceof Error ? error.message : String(error);
}

function useHeld(): Held {
  const held = useContext(Current);
  if (held === null) {
    throw new Error("useToasts needs a ToastsProvider above it");
  }
  return held;
}

/** Tells what was done, or what went wrong, above the page; it outlives a navigation. */
export function useToasts(): Toasts {
  return useHeld().toasts;
}

/** Where they are shown: once, by the shell. */
export function ToastBar() {
  const { shown, dismiss } = useHeld();
  const items: FlashbarProps.MessageDefinition[] = shown.map((each) => ({
    id: String(each.id),
    type: each.type,
    header: each.text,
    content: each.detail,
    dismissible: true,
    dismissLabel: `Close: ${each.text}`,
    ariaRole: each.type === "error" ? "alert" : "status",
    onDismiss: () => dismiss(each.id),
  }));
  return <Flashbar items={items} />;
}
