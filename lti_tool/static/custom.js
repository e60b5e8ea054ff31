// Of the time frame either dates or a number of days is chosen: filling in the one leaves the other. Without script,
// dates that are filled in come first.
"use strict";

const form = document.querySelector("form.custom");
const dates = [...form.querySelectorAll('input[type="date"]')];
form.addEventListener("input", (event) => {
  if (dates.includes(event.target)) form.querySelector('[name="range"][value="dates"]').checked = true;
  else if (event.target.name === "range" && event.target.value !== "dates") for (const date of dates) date.value = "";
});
