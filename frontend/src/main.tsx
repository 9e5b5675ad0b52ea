import "~/ui/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { cognitoAuth } from "~/auth/cognito";
import { loadConfig } from "~/config";
import { Root } from "~/root";
import { Splash } from "~/ui/splash";
import { followSystem } from "~/ui/theme";

const place = document.getElementById("root");
if (place === null) {
  throw new Error("index.html lacks the element that the console is shown in");
}
followSystem();
const root = createRoot(place);
loadConfig().then(
  (config) =>
    root.render(
      <StrictMode>
        <Root auth={cognitoAuth(config)} config={config} />
      </StrictMode>,
    ),
  (error: Error) =>
    root.render(
      <Splash failure={`The console cannot start: ${error.message}.`}>
        <button type="button" onClick={() => location.reload()}>
          Try again
        </button>
      </Splash>,
    ),
);
