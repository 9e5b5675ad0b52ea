import type { Auth } from "~/auth/auth";

/** Signs out, and loads the page anew: nothing of what was shown is left in memory for the next person. */
export async function leave(auth: Auth, everywhere = false): Promise<void> {
  await auth.signOut(everywhere);
  location.assign("/");
}
