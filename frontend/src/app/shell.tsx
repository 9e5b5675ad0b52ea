import AppLayout from "@cloudscape-design/components/app-layout";
import SideNavigation, {
  type SideNavigationProps,
} from "@cloudscape-design/components/side-navigation";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useState } from "react";
import { type Role, useSession } from "~/auth/session";
import { ToastBar } from "~/ui/toasts";
import { AREAS, type Area } from "./areas";
import { TopBar } from "./top-bar";
import { WeatherBar } from "./weather-bar";

const GROUPS: Readonly<Record<Area["group"], string>> = {
  watch: "Watch",
  page: "Be told",
  manage: "Manage",
};

function items(role: Role): SideNavigationProps.Item[] {
  return Object.entries(GROUPS).map(([group, text]) => ({
    type: "section-group",
    title: text,
    items: AREAS.filter((each) => each.group === group && (!each.admin || role === "admin")).map(
      (each) => ({ type: "link", text: each.label, href: each.path }),
    ),
  }));
}

/** The area that a path belongs to: the longest that it begins with. */
export function areaOf(path: string): Area | undefined {
  return (
    AREAS.filter((each) => each.path !== "/" && path.startsWith(each.path))[0] ??
    AREAS.find((each) => each.path === path)
  );
}

/** What stands around every page: the bar above, the navigation beside. */
export function Shell() {
  const { role } = useSession();
  const navigate = useNavigate();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [open, setOpen] = useState(() => window.matchMedia("(min-width: 1100px)").matches);
  return (
    <>
      <TopBar />
      <AppLayout
        headerSelector="#top-bar"
        toolsHide
        navigationOpen={open}
        onNavigationChange={({ detail }) => setOpen(detail.open)}
        navigationWidth={220}
        ariaLabels={{
          navigation: "Pages",
          navigationToggle: "Open the pages' list",
          navigationClose: "Close the pages' list",
        }}
        navigation={
          <SideNavigation
            activeHref={areaOf(path)?.path ?? path}
            items={items(role)}
            onFollow={(event) => {
              if (!event.detail.external) {
                event.preventDefault();
                void navigate({ to: event.detail.href });
              }
            }}
          />
        }
        notifications={
          <>
            <WeatherBar />
            <ToastBar />
          </>
        }
        stickyNotifications
        content={<Outlet />}
      />
    </>
  );
}
