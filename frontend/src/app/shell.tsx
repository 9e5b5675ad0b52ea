import AppLayout from "@cloudscape-design/components/app-layout-toolbar";
import SideNavigation, {
  type SideNavigationProps,
} from "@cloudscape-design/components/side-navigation";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { type Role, useSession } from "~/auth/session";
import { Boundary } from "~/ui/boundary";
import { useKeyboard, useShortcut } from "~/ui/keys";
import { setAreaTitle } from "~/ui/title";
import { ToastBar } from "~/ui/toasts";
import { type Area, areaOf, areasFor } from "./areas";
import { focusHeading, useFocusOnHeading } from "./heading";
import { TopBar } from "./top-bar";
import { WeatherBar } from "./weather-bar";

const Palette = lazy(() => import("./palette/palette"));
const ShortcutsDialog = lazy(() => import("./shortcuts-dialog"));

const GROUPS: Readonly<Record<Area["group"], string>> = {
  watch: "Watch",
  page: "Be told",
  manage: "Manage",
};

/** From this width on the navigation stands beside the page; below it is a drawer. */
const WIDE = "(min-width: 1100px)";

function items(role: Role): SideNavigationProps.Item[] {
  return Object.entries(GROUPS).map(([group, text]) => ({
    type: "section-group",
    title: text,
    items: areasFor(role)
      .filter((each) => each.group === group)
      .map((each) => ({ type: "link", text: each.label, href: each.path })),
  }));
}

type Dialog = "palette" | "shortcuts" | null;

/** What stands around every page: the bar above, the navigation beside. */
export function Shell() {
  const { role } = useSession();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [open, setOpen] = useState(() => window.matchMedia(WIDE).matches);
  const [dialog, setDialog] = useState<Dialog>(null);
  const go = useGo();
  const openPalette = useCallback(() => setDialog("palette"), []);
  const openShortcuts = useCallback(() => setDialog("shortcuts"), []);
  const close = useCallback(() => setDialog(null), []);

  useKeyboard();
  useFocusOnHeading(
    useRouterState({ select: (state) => (state.resolvedLocation ?? state.location).pathname }),
  );
  useEffect(() => setAreaTitle(areaOf(path)?.label ?? "Account"), [path]);
  useShortcut("mod+k", "Go to anything", openPalette, "everywhere");
  useShortcut("/", "Search", openPalette, "everywhere");
  useShortcut("?", "Show the keys", openShortcuts, "everywhere");

  return (
    <>
      <button type="button" className="skip" onClick={focusHeading}>
        Skip to the page
      </button>
      <TopBar
        pagesOpen={open}
        onPages={() => setOpen(!open)}
        onPalette={openPalette}
        onShortcuts={openShortcuts}
      />
      {areasFor(role).map((each) => (
        <GoShortcut key={each.path} area={each} go={go} />
      ))}
      <AppLayout
        headerSelector="#top-bar"
        toolsHide
        navigationTriggerHide
        navigationOpen={open}
        onNavigationChange={({ detail }) => setOpen(detail.open)}
        navigationWidth={220}
        ariaLabels={{
          navigation: "Pages",
          navigationClose: "Close the pages' list",
        }}
        navigation={
          <SideNavigation
            activeHref={areaOf(path)?.path ?? path}
            items={items(role)}
            onFollow={(event) => {
              if (!event.detail.external) {
                event.preventDefault();
                go(event.detail.href);
                setOpen(window.matchMedia(WIDE).matches);
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
      <Boundary>
        <Suspense fallback={null}>
          {dialog === "palette" && <Palette onClose={close} onShortcuts={openShortcuts} />}
          {dialog === "shortcuts" && <ShortcutsDialog onClose={close} />}
        </Suspense>
      </Boundary>
    </>
  );
}

function useGo(): (path: string) => void {
  const navigate = useNavigate();
  return useCallback((path: string) => void navigate({ to: path }), [navigate]);
}

/** `g` and the area's key lead to it. */
function GoShortcut(props: { area: Area; go: (path: string) => void }) {
  const { area, go } = props;
  useShortcut(`g ${area.key}`, area.label, () => go(area.path), "go");
  return null;
}
