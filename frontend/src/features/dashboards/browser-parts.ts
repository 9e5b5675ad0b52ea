/**
 * What browsers have and jsdom lacks, for tests: import it before what needs it. All elements are on
 * the screen, which is wide and light, and are of one size.
 */

const SIZE = { width: 300, height: 160 };
const BOX = [{ inlineSize: SIZE.width, blockSize: SIZE.height }];

class Intersections {
  readonly #told: IntersectionObserverCallback;
  constructor(told: IntersectionObserverCallback) {
    this.#told = told;
  }
  observe(target: Element): void {
    this.#told([{ isIntersecting: true, target } as IntersectionObserverEntry], this as never);
  }
  disconnect(): void {}
  unobserve(): void {}
}

class Sizes {
  readonly #told: ResizeObserverCallback;
  constructor(told: ResizeObserverCallback) {
    this.#told = told;
  }
  observe(target: Element): void {
    const sizes = { contentBoxSize: BOX, borderBoxSize: BOX, contentRect: SIZE, target };
    this.#told([sizes as unknown as ResizeObserverEntry], this as never);
  }
  disconnect(): void {}
  unobserve(): void {}
}

Object.assign(window, {
  matchMedia: () => ({ matches: false, addEventListener() {}, removeEventListener() {} }),
  IntersectionObserver: Intersections,
  ResizeObserver: Sizes,
  scrollTo() {},
});
