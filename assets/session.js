/* A session that has ended answers Dash's calls with 401; then go to the login page and come
   back here afterwards. Without this the page would go on looking alive and do nothing. */
(function () {
  "use strict";
  if (window.rotaSession) return;
  const plain = window.fetch.bind(window);
  let leaving = false;

  function isOurs(resource) {
    const url = new URL(typeof resource === "string" ? resource : resource.url || String(resource),
      window.location.href);
    return url.origin === window.location.origin && url.pathname.startsWith("/_");
  }

  window.rotaSession = { login: "/accounts/login/" };
  window.fetch = async function (resource, options) {
    const answer = await plain(resource, options);
    if (answer.status !== 401 || !isOurs(resource)) return answer;
    if (!leaving) {
      leaving = true;
      const here = window.location.pathname + window.location.search;
      window.location.assign(window.rotaSession.login + "?next=" + encodeURIComponent(here));
    }
    // the page is being left: an answer would only make the renderer show an error on it
    return new Promise(() => {});
  };
})();
