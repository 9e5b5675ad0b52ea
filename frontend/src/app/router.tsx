import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router";
import * as alerts from "~/features/alerts/search";
import * as audit from "~/features/audit/search";
import * as dashboards from "~/features/dashboards/search";
import * as explore from "~/features/explore/search";
import * as silences from "~/features/silences/search";
import * as usage from "~/features/usage/search";
import { NotFound } from "./not-found";
import { RouteFailure } from "./route-failure";
import { Shell } from "./shell";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: RouteFailure,
});

/** Pages load when they are first opened; what their URLs carry is parsed by their area's search.ts. */
const children = [
  createRoute({
    getParentRoute: () => root,
    path: "/",
    component: lazyRouteComponent(() => import("~/features/home/page"), "HomePage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/explore",
    validateSearch: explore.parseSearch,
    component: lazyRouteComponent(() => import("~/features/explore/page"), "ExplorePage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/dashboards",
    component: lazyRouteComponent(
      () => import("~/features/dashboards/list-page"),
      "DashboardsPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/dashboards/$id",
    validateSearch: dashboards.parseSearch,
    component: lazyRouteComponent(() => import("~/features/dashboards/page"), "DashboardPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/alerts",
    validateSearch: alerts.parseListSearch,
    component: lazyRouteComponent(() => import("~/features/alerts/list-page"), "AlertsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/alerts/new",
    validateSearch: alerts.parseDraftSearch,
    component: lazyRouteComponent(() => import("~/features/alerts/editor-page"), "AlertEditorPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/alerts/$id",
    validateSearch: alerts.parseSearch,
    component: lazyRouteComponent(() => import("~/features/alerts/page"), "AlertPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/alerts/$id/edit",
    validateSearch: alerts.parseDraftSearch,
    component: lazyRouteComponent(() => import("~/features/alerts/editor-page"), "AlertEditorPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/alerts/$id/instance",
    validateSearch: alerts.parseInstanceSearch,
    component: lazyRouteComponent(() => import("~/features/alerts/instance-page"), "InstancePage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/silences",
    validateSearch: silences.parseSearch,
    component: lazyRouteComponent(() => import("~/features/silences/page"), "SilencesPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/channels",
    component: lazyRouteComponent(() => import("~/features/channels/page"), "ChannelsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/routing",
    component: lazyRouteComponent(() => import("~/features/routing/page"), "RoutingPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/members",
    component: lazyRouteComponent(() => import("~/features/members/page"), "MembersPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/clients",
    component: lazyRouteComponent(() => import("~/features/clients/page"), "ClientsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/usage",
    validateSearch: usage.parseSearch,
    component: lazyRouteComponent(() => import("~/features/usage/page"), "UsagePage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/audit",
    validateSearch: audit.parseSearch,
    component: lazyRouteComponent(() => import("~/features/audit/page"), "AuditPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/account",
    component: lazyRouteComponent(() => import("~/features/account/page"), "AccountPage"),
  }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren(children),
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
