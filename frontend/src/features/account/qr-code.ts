import qrcode from "qrcode-generator";

/** Light modules around a code, as ISO/IEC 18004 wants them. */
const QUIET = 4;

/** A QR code of the text as an SVG path; one unit is one module, the quiet zone is part of `size`. */
export function qrCode(text: string): { readonly size: number; readonly path: string } {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  const modules = Array.from({ length: count * count }, (_, at) => [
    Math.floor(at / count),
    at % count,
  ])
    .filter(([row = 0, column = 0]) => code.isDark(row, column))
    .map(([row = 0, column = 0]) => `M${column + QUIET} ${row + QUIET}h1v1h-1z`);
  return { size: count + 2 * QUIET, path: modules.join("") };
}
