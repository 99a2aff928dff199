/** The page's root: what stands around every page, and which page an address means. */

import { render } from "preact";
import { LocationProvider, Route, Router } from "preact-iso";
import { listen } from "./api.ts";
import { Components } from "./pages/components.tsx";
import { Diagnose } from "./pages/diagnose.tsx";
import { History } from "./pages/history.tsx";
import { IncidentPage } from "./pages/incident.tsx";
import { Incidents } from "./pages/incidents.tsx";
import { Now } from "./pages/now.tsx";
import { OrderPage } from "./pages/order.tsx";
import { Orders } from "./pages/orders.tsx";
import { PathPage } from "./pages/path.tsx";
import { Frame } from "./parts/frame.tsx";
import "./page.css";

function Page() {
  return (
    <LocationProvider>
      <Frame>
        <Router>
          <Route path="/" component={Now} />
          <Route path="/orders" component={Orders} />
          <Route path="/orders/:id" component={OrderPage} />
          <Route path="/components" component={Components} />
          <Route path="/incidents" component={Incidents} />
          <Route path="/incidents/:id" component={IncidentPage} />
          <Route path="/history" component={History} />
          <Route path="/path" component={PathPage} />
          <Route path="/diagnose" component={Diagnose} />
          <Route default component={NoSuchPage} />
        </Router>
      </Frame>
    </LocationProvider>
  );
}

function NoSuchPage() {
  return (
    <p>
      There is nothing at this address. <a href="/">Now</a>
    </p>
  );
}

listen();
render(<Page />, document.getElementById("page")!);
