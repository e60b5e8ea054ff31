// LTI Platform Storage: the LMS keeps a value for us where the browser keeps no cookies (lti-cs-pm, lti-pm-s).
// At login the page puts the browser's secret and goes on to the LMS; after the launch it gets the secret back and
// posts it. Every error and every time-out means 'not supported': the page goes on without.
"use strict";

(() => {
  const WAIT = 3000;
  const box = document.querySelector("[data-lti-storage]");
  if (!box) return;
  const { ltiStorage, frame, origin, key, value, next } = box.dataset;
  const id = `${key}-${crypto.getRandomValues(new Uint32Array(2)).join("")}`;
  const subject = ltiStorage === "put" ? "lti.put_data" : "lti.get_data";

  function target() {
    const above = window.parent !== window ? window.parent : window.opener;
    if (!above || frame === "_parent") return above;
    try {
      return above.frames[frame] || above;
    } catch {
      return above;
    }
  }

  let done = false;
  function finish(answer) {
    if (done) return;
    done = true;
    if (ltiStorage === "put") {
      window.location.replace(next);
      return;
    }
    const form = box.querySelector("form");
    form.elements.value.value = typeof answer === "string" ? answer : "";
    send({ subject: "lti.put_data", message_id: `${id}-clear`, key, value: null });
    form.submit();
  }

  function send(message) {
    try {
      target().postMessage(message, origin);
    } catch {
      finish(null);
    }
  }

  window.addEventListener("message", (event) => {
    const data = event.data;
    if (event.origin !== origin || typeof data !== "object" || data === null) return;
    if (data.message_id !== id || data.subject !== `${subject}.response`) return;
    finish(data.error ? null : data.value);
  });
  window.setTimeout(() => finish(null), WAIT);
  send(ltiStorage === "put" ? { subject, message_id: id, key, value } : { subject, message_id: id, key });
})();
