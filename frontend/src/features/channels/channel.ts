import type { components } from "~/api/schema";

export type Channel = components["schemas"]["ChannelOut"];
export type ChannelIn = components["schemas"]["ChannelIn"];
export type Type = ChannelIn["type"];

/** What a type of channel needs to know, and how the form asks for it. */
interface Kind {
  readonly type: Type;
  readonly label: string;
  readonly description: string;
  readonly target: "url" | "address" | "routing_key";
  readonly targetLabel: string;
  readonly placeholder: string;
  /** The target is a secret: it is never shown again, and left out of a change it stays. */
  readonly secret: boolean;
}

export const KINDS: readonly Kind[] = [
  {
    type: "slack",
    label: "Slack",
    description: "an incoming webhook of a channel",
    target: "url",
    targetLabel: "Webhook address",
    placeholder: "https://hooks.slack.com/services/…",
    secret: true,
  },
  {
    type: "teams",
    label: "Microsoft Teams",
    description: "a workflow that posts to a channel",
    target: "url",
    targetLabel: "Workflow address",
    placeholder: "https://…logic.azure.com/workflows/…",
    secret: true,
  },
  {
    type: "pagerduty",
    label: "PagerDuty",
    description: "an Events API v2 integration",
    target: "routing_key",
    targetLabel: "Integration key",
    placeholder: "32 characters",
    secret: true,
  },
  {
    type: "email",
    label: "Email",
    description: "an address, which has to confirm",
    target: "address",
    targetLabel: "Address",
    placeholder: "oncall@example.com",
    secret: false,
  },
  {
    type: "sms",
    label: "SMS",
    description: "a phone number with its country",
    target: "address",
    targetLabel: "Number",
    placeholder: "+4915112345678",
    secret: false,
  },
  {
    type: "webhook",
    label: "Webhook",
    description: "a signed POST to a program of yours",
    target: "url",
    targetLabel: "Address",
    placeholder: "https://example.com/alerts",
    secret: false,
  },
];

const WEBHOOK = KINDS[KINDS.length - 1] as Kind;

export function kindOf(type: string): Kind {
  return KINDS.find((each) => each.type === type) ?? WEBHOOK;
}

/** A channel as a form holds it. */
export interface Draft {
  readonly name: string;
  readonly type: Type;
  readonly target: string;
  readonly secret: string;
  readonly region: "us" | "eu";
  readonly sendsResolved: boolean;
  readonly title: string;
  readonly text: string;
}

export const EMPTY: Draft = {
  name: "",
  type: "slack",
  target: "",
  secret: "",
  region: "us",
  sendsResolved: true,
  title: "",
  text: "",
};

/** The draft of what is stored; secrets are not known and stay empty. */
export function draftOf(channel: Channel): Draft {
  const kind = kindOf(channel.type);
  const known = kind.target === "address" ? channel.address : channel.url;
  return {
    name: channel.name,
    type: kind.type,
    target: kind.secret ? "" : (known ?? ""),
    secret: "",
    region: channel.region ?? "us",
    sendsResolved: channel.sends_resolved,
    title: channel.template?.title ?? "",
    text: channel.template?.text ?? "",
  };
}

/** What the API is asked for. What is secret and left empty stays as it is. */
export function requestOf(draft: Draft): ChannelIn {
  const kind = kindOf(draft.type);
  const target = draft.target.trim();
  const given = (field: Kind["target"]) => (kind.target === field && target !== "" ? target : null);
  const templated = draft.title !== "" || draft.text !== "";
  return {
    name: draft.name.trim(),
    type: draft.type,
    url: given("url"),
    address: given("address"),
    routing_key: given("routing_key"),
    secret: draft.type === "webhook" && draft.secret.trim() !== "" ? draft.secret.trim() : null,
    region: draft.type === "pagerduty" ? draft.region : null,
    template: templated ? { title: draft.title, text: draft.text } : null,
    sends_resolved: draft.sendsResolved,
  };
}

/** Where it goes, as far as that may be shown. */
export function targetOf(channel: Channel): string {
  switch (channel.type) {
    case "topic":
      return "the environment's topic: whoever subscribed to it";
    case "pagerduty":
      return `PagerDuty, ${channel.region ?? "us"}`;
    default:
      return channel.address ?? channel.url ?? "";
  }
}
