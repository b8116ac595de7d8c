"use strict";
// The list of stores, read again every few seconds while the page is visible.

const list = document.getElementById("stores");
const search = document.getElementById("search");
const count = document.getElementById("count");
const none = document.getElementById("none");
let stores = [];

function plural(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

function describe(store) {
  if (!store.connected) return "Working without the platform";
  const parts = [];
  if (store.making) parts.push(`${plural(store.making, "robot is", "robots are")} making drinks`);
  if (store.waiting) parts.push(`${plural(store.waiting, "drink waits", "drinks wait")} behind a door`);
  return parts.join(", ") || `All quiet, ${plural(store.doors, "door", "doors")} free`;
}

function card(store) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const name = document.createElement("strong");
  const text = document.createElement("span");
  link.href = `/stores/${encodeURIComponent(store.slug)}`;
  name.textContent = store.name;
  text.textContent = describe(store);
  text.className = "small quiet";
  link.append(name, text);
  item.append(link);
  return item;
}

function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = stores.filter((store) => words.every((word) => `${store.name} ${store.slug}`.toLowerCase().includes(word)));
  const focused = document.activeElement && document.activeElement.getAttribute("href");
  list.replaceChildren(...found.map(card));
  if (focused) list.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  count.textContent = words.length ? `${plural(found.length, "store", "stores")} found` : plural(stores.length, "store", "stores");
  none.hidden = found.length > 0;
  none.textContent = stores.length
    ? "No store has this name. Try the town, such as Logan."
    : "No store yet. The stores open as soon as the demo chain is loaded.";
}

async function read() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/stores");
    stores = (await answer.json()).stores;
    show();
  } catch {
    count.textContent = "The simulated stores don't answer. Start them again with ./run up.";
  }
}

search.addEventListener("input", show);
document.addEventListener("visibilitychange", read);
setInterval(read, 4000);
read();
