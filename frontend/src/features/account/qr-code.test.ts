import { describe, expect, it } from "vitest";
import { qrCode } from "./qr-code";

const URI =
  "otpauth://totp/Skafu:a@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Skafu";

describe("a QR code", () => {
  it("has its three finders, each seven modules wide, inside a quiet zone of four", () => {
    const { size, path } = qrCode(URI);
    const dark = new Set([...path.matchAll(/M(\d+) (\d+)h/g)].map(([, x, y]) => `${x} ${y}`));
    const ring = (x: number, y: number) =>
      Array.from(
        { length: 7 },
        (_, i) => dark.has(`${x + i} ${y}`) && dark.has(`${x} ${y + i}`),
      ).every((each) => each);
    expect([ring(4, 4), ring(size - 11, 4), ring(4, size - 11)]).toEqual([true, true, true]);
    expect(
      [...dark].every((each) =>
        each.split(" ").every((at) => Number(at) >= 4 && Number(at) < size - 4),
      ),
    ).toBe(true);
  });

  it("is another one for another secret", () => {
    expect(qrCode(URI).path).not.toBe(qrCode(URI.replace("JBSW", "KBSW")).path);
  });
});
