// Shows the description of the API. The address and the CSRF token are in the page.
"use strict";

const operations = document.getElementById("operations");
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
// The browser sends the cookie of the session itself: there is nothing to fill in.
const isCookie = (scheme) => scheme.get("in") === "cookie";
const withoutCookie = ({ React }) => ({
  wrapComponents: {
    auths: (Form) => (props) => (props.definitions.every(isCookie) ? null : React.createElement(Form, props)),
  },
});

paint();
dark.addEventListener("change", paint);
SwaggerUIBundle({
  domNode: operations,
  url: operations.dataset.address,
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
  plugins: [withoutCookie],
  requestInterceptor: (request) => {
    const address = new URL(request.url, document.baseURI);
    const changes = request.method && request.method !== "GET";
    if (changes && address.origin === location.origin) request.headers["X-CSRFToken"] = operations.dataset.csrfToken;
    return request;
  },
});
