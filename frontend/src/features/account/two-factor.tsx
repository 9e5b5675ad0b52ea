import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useMemo, useState } from "react";
import type { TotpSetup } from "~/auth/auth";
import { useSession } from "~/auth/session";
import { ConfirmDialog } from "~/ui/confirm";
import { CopyText } from "~/ui/copy-text";
import { Failure, Loading } from "~/ui/states";
import { useToasts } from "~/ui/toasts";
import { qrCode } from "./qr-code";

const KEY = ["totp"];

/** A second factor: six digits of an authenticator app at each sign-in. */
export function TwoFactor() {
  const { auth, email } = useSession();
  const toasts = useToasts();
  const client = useQueryClient();
  const [setup, setSetup] = useState<TotpSetup | null>(null);
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState(false);
  const has = useQuery({ queryKey: KEY, queryFn: () => auth.hasTotp(), staleTime: 60_000 });

  async function begin() {
    setBusy(true);
    try {
      setSetup(await auth.setUpTotp(email));
    } catch (error) {
      toasts.error("The set-up could not begin", error);
    }
    setBusy(false);
  }

  function done(text: string, now: boolean) {
    setSetup(null);
    client.setQueryData(KEY, now);
    toasts.success(text);
  }

  if (has.isPending) {
    return (
      <Frame>
        <Loading what="how you sign in" height={60} />
      </Frame>
    );
  }
  if (has.data === undefined) {
    return (
      <Frame>
        <Failure
          error={has.error}
          what="How you sign in is not known"
          onRetry={() => void has.refetch()}
        />
      </Frame>
    );
  }
  if (setup !== null) {
    return (
      <Frame>
        <SetUp
          setup={setup}
          onCancel={() => setSetup(null)}
          onDone={() => done("Codes are asked for from now on", true)}
        />
      </Frame>
    );
  }
  return (
    <Frame>
      <SpaceBetween size="m">
        {has.data ? (
          <StatusIndicator type="success">On. Each sign-in asks for a code.</StatusIndicator>
        ) : (
          <StatusIndicator type="stopped">Off. Your password alone lets you in.</StatusIndicator>
        )}
        {has.data ? (
          <SpaceBetween direction="horizontal" size="xs">
            <Button loading={busy} onClick={() => void begin()}>
              Set up another app
            </Button>
            <Button onClick={() => setAsked(true)}>Switch off</Button>
          </SpaceBetween>
        ) : (
          <Button loading={busy} onClick={() => void begin()}>
            Set up
          </Button>
        )}
      </SpaceBetween>
      {asked && (
        <ConfirmDialog
          title="Switch codes off?"
          consequence="Whoever knows your password can then sign in as you."
          action="Switch off"
          onConfirm={async () => {
            await auth.switchOffTotp();
            done("Codes are switched off", false);
          }}
          onClose={() => setAsked(false)}
        />
      )}
    </Frame>
  );
}

function Frame(props: { children: ReactNode }) {
  return (
    <Container
      header={
        <Header variant="h2" description="Six digits of an app on your phone, beside the password.">
          Two-factor codes
        </Header>
      }
    >
      {props.children}
    </Container>
  );
}

/** The secret goes into an app; a code of that app proves that it did. */
function SetUp(props: { setup: TotpSetup; onCancel: () => void; onDone: () => void }) {
  const { setup } = props;
  const { auth } = useSession();
  const [code, setCode] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const digits = code.replace(/\s/g, "");
    if (!/^\d{6}$/.test(digits)) {
      setFailure("Type the six digits that the app shows.");
      return;
    }
    setBusy(true);
    try {
      await auth.verifyTotp(digits);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      setBusy(false);
      return;
    }
    props.onDone();
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Form
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button formAction="none" variant="link" onClick={props.onCancel}>
              Cancel
            </Button>
            <Button variant="primary" loading={busy} loadingText="Checking the code">
              Switch on
            </Button>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="m">
          <div>
            <Box variant="awsui-key-label">1. Add Skafu to your authenticator app</Box>
            <QrCode text={setup.uri} />
            <p>
              Scan this, enter the key, as a time-based one, or{" "}
              <Link href={setup.uri}>open it in an app on this device</Link>.
            </p>
            <CopyText text={spaced(setup.secret)} copied={setup.secret} what="the key" />
          </div>
          <FormField
            label="2. Enter the code that the app shows"
            {...(failure === null ? {} : { errorText: failure })}
          >
            <Input
              value={code}
              inputMode="numeric"
              autoComplete="one-time-code"
              spellcheck={false}
              autoFocus
              onChange={({ detail }) => setCode(detail.value)}
            />
          </FormField>
        </SpaceBetween>
      </Form>
    </form>
  );
}

/** Dark on light in either mode: scanners want it so. */
function QrCode(props: { text: string }) {
  const { size, path } = useMemo(() => qrCode(props.text), [props.text]);
  return (
    <svg
      role="img"
      aria-label="QR code of the key"
      width={176}
      height={176}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}

/** In fours, as it is read from the screen. */
function spaced(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, "$1 ");
}
