import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";

/** A text with a button that copies it; `what` names it for screen readers: "Copy the client's id". */
export function CopyText(props: {
  text: string;
  what: string;
  /** What is copied where the text is shown in another form, as with spaces in it. */
  copied?: string;
  /** The text alone inline (the default), or a button with words. */
  variant?: "inline" | "button";
}) {
  const { text, copied = text, what, variant = "inline" } = props;
  return (
    <CopyToClipboard
      variant={variant}
      textToCopy={copied}
      textToDisplay={text}
      {...(variant === "button" ? { copyButtonText: `Copy ${what}` } : {})}
      copyButtonAriaLabel={`Copy ${what}`}
      copySuccessText="Copied"
      copyErrorText="The browser did not allow it. Select the text and copy it."
      popoverRenderWithPortal
    />
  );
}
