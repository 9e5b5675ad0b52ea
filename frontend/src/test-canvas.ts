/** What charts need of a browser and jsdom lacks: a canvas that draws nothing, sizes that never change. */

class NeverResized {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

class NoPath {
  moveTo(): void {}
  lineTo(): void {}
  rect(): void {}
  arc(): void {}
  closePath(): void {}
}

const nothing = () => undefined;
const context = new Proxy(
  {},
  {
    get: (_, name) => (name === "measureText" ? () => ({ width: 0 }) : nothing),
    set: () => true,
  },
);

function always(matches: boolean) {
  return { matches, addEventListener: nothing, removeEventListener: nothing };
}

HTMLCanvasElement.prototype.getContext = (() =>
  context) as unknown as HTMLCanvasElement["getContext"];
globalThis.matchMedia ??= (() => always(false)) as unknown as typeof matchMedia;
globalThis.ResizeObserver ??= NeverResized as unknown as typeof ResizeObserver;
globalThis.Path2D ??= NoPath as unknown as typeof Path2D;
