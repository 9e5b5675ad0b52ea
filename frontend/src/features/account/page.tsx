import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { leave } from "~/app/leave";
import { type Role, useSession } from "~/auth/session";
import { ConfirmDialog } from "~/ui/confirm";
import { CopyText } from "~/ui/copy-text";
import { Page } from "~/ui/page";
import { PasswordForm } from "./password-form";
import { TwoFactor } from "./two-factor";

const MAY: Readonly<Record<Role, string>> = {
  viewer: "You can look at everything, and change nothing.",
  editor: "You can change dashboards, alerts and silences.",
  admin: "You can change everything, members and machine clients too.",
};

/** Who one is, and how one signs in and out. */
export function AccountPage() {
  return (
    <Page title="Account" description="Who you are here, and how you sign in.">
      <SpaceBetween size="l">
        <Who />
        <TwoFactor />
        <PasswordForm />
        <Sessions />
      </SpaceBetween>
    </Page>
  );
}

function Who() {
  const { email, id, tenant, role, environment, version } = useSession();
  const api = useApi();
  const me = useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => body(api.GET("/api/me", { signal })),
    staleTime: 60_000,
  });
  return (
    <Container header={<Header variant="h2">You</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: "Name", value: me.data?.name ?? "Not told" },
          { label: "Email address", value: email },
          {
            label: "Role",
            value: (
              <>
                {role}. {MAY[role]}
              </>
            ),
          },
          { label: "Team", value: <CopyText text={tenant} what="the team's id" /> },
          { label: "Your id", value: <CopyText text={id} what="your id" /> },
          { label: "Environment", value: `${environment}, version ${version}` },
        ]}
      />
    </Container>
  );
}

function Sessions() {
  const { auth } = useSession();
  const [asked, setAsked] = useState(false);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="If you lost a device, or used one that is not yours, sign out everywhere."
        >
          Sessions
        </Header>
      }
    >
      <SpaceBetween direction="horizontal" size="xs">
        <Button onClick={() => void leave(auth)}>Sign out</Button>
        <Button onClick={() => setAsked(true)}>Sign out everywhere</Button>
      </SpaceBetween>
      {asked && (
        <ConfirmDialog
          title="Sign out everywhere?"
          consequence="Every browser in which you are signed in asks for your password again, this one too. What has a token already can use it until it ends, an hour at most."
          action="Sign out everywhere"
          onConfirm={() => leave(auth, true)}
          onClose={() => setAsked(false)}
        />
      )}
    </Container>
  );
}
