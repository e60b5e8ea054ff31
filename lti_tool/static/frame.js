// Inside of an LMS page: ask for a frame as high as the page, again whenever it grows or shrinks (lti.frameResize).
"use strict";

if (window.parent !== window) {
  let told = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    // Only a number: whoever frames us may know it.
    window.parent.postMessage(JSON.stringify({ subject: "lti.frameResize", height }), "*");
    window.parent.postMessage({ subject: "lti.frameResize", height }, "*");
  }).observe(document.documentElement);
}
