"use strict";
// One store's front: doors and robots as they move (server-sent events), and the keypad.

const ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const LENGTH = 6;
const base = location.pathname.replace(/\/$/, "");
const byId = (id) => document.getElementById(id);
const input = byId("code");
const said = byId("said");
const SVG = "http://www.w3.org/2000/svg";

const DOOR_WORDS = {
  free: ["○", "free"],
  held: ["◔", "being made"],
  loaded: ["●", "ready"],
  open: ["✓", "open"],
  emptying: ["✕", "being emptied"],
};
const ROBOT_WORDS = { idle: "waiting for orders", rinsing: "rinsing", making: "making", broken: "out of order", silent: "not answering" };

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function shape(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function glass() {
  const svg = shape("svg", { viewBox: "0 0 40 52", "aria-hidden": "true" });
  svg.append(
    shape("path", { d: "M25 14 30 2", stroke: "var(--pop)", "stroke-width": "3", "stroke-linecap": "round" }),
    shape("path", { d: "M8 20h24l-2.6 25a3 3 0 0 1-3 2.6H13.6a3 3 0 0 1-3-2.6z", fill: "#a63a2b" }),
    shape("path", { d: "M8 20h24l-1 10H9z", fill: "#ea8a4a" }),
    shape("circle", { cx: "17", cy: "37", r: "1.6", fill: "#fff", opacity: ".7" }),
    shape("circle", { cx: "23", cy: "42", r: "1.2", fill: "#fff", opacity: ".7" }),
    shape("path", { d: "M6 14h28l-3.3 32a4 4 0 0 1-4 3.6H13.3a4 4 0 0 1-4-3.6z", fill: "none", stroke: "var(--rim)", "stroke-width": "2.5", "stroke-linejoin": "round" }),
  );
  return svg;
}

function minutes(seconds) {
  if (seconds === null) return "";
  return seconds < 90 ? `${seconds} s left` : `${Math.round(seconds / 60)} min left`;
}

function door(now) {
  const item = element("li", "door");
  item.dataset.state = now.state;
  const [sign, word] = DOOR_WORDS[now.state];
  const state = element("span", "state");
  const mark = element("span", "", `${sign} `);
  mark.setAttribute("aria-hidden", "true");
  state.append(mark, word);
  const number = element("span", "big number", String(now.number));
  number.prepend(hidden("Door "));
  const more = now.state === "loaded" ? minutes(now.seconds_left) : now.state === "open" ? "take your drink" : "";
  const words = element("div");
  words.append(state, element("div", "more", more));
  item.append(number, words);
  if (now.state === "loaded" || now.state === "open") item.append(glass());
  return item;
}

function hidden(text) {
  const made = element("span", "", text);
  made.style.cssText = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)";
  return made;
}

function robot(now, old) {
  const item = old || element("li", "robot");
  if (!old) {
    const line = element("div", "line");
    line.append(element("span", "name"), element("span", "doing quiet small"));
    const bar = element("div", "bar");
    bar.append(element("span"));
    item.append(line, bar);
  }
  const busy = now.state === "making" || now.state === "rinsing";
  item.querySelector(".name").textContent = now.name;
  const text = now.doing || ROBOT_WORDS[now.state];
  item.querySelector(".doing").textContent = busy ? `${now.order_code} · ${text}` : `${text} · ${now.made} made`;
  item.querySelector(".bar span").style.width = `${Math.round(now.share * 100)}%`;
  return item;
}

function show(state) {
  document.title = `${state.name} · CodePop`;
  byId("name").textContent = state.name;
  byId("doors").replaceChildren(...state.doors.map(door));
  const list = byId("robots");
  state.robots.forEach((now, index) => {
    const made = robot(now, list.children[index]);
    if (!made.parentNode) list.append(made);
  });
  link(state.connected);
}

function link(connected) {
  const pill = byId("link");
  const text = connected ? "● connected" : "▲ on its own";
  if (pill.textContent !== text) pill.textContent = text;
  pill.className = `pill ${connected ? "ok" : "warn"}`;
  byId("alone").hidden = connected;
}

function follow() {
  const events = new EventSource(`${base}/events`);
  events.onmessage = (event) => show(JSON.parse(event.data));
  events.onerror = () => {
    byId("link").textContent = "▲ the simulation has stopped";
    byId("link").className = "pill warn";
  };
}

function fit() {
  input.classList.toggle("long", input.value.length > 12);
}

function type(letter) {
  const code = input.value.length > 12 ? "" : input.value.replace(/[\s-]/g, "");
  if (code.length < LENGTH) input.value = code + letter;
  fit();
}

function keys() {
  for (const letter of ALPHABET) {
    const key = element("button", "", letter);
    key.type = "button";
    key.addEventListener("click", () => type(letter));
    byId("keys").append(key);
  }
  const clear = element("button", "wide", "Clear");
  const back = element("button", "wide", "Delete");
  clear.type = back.type = "button";
  clear.addEventListener("click", () => { input.value = ""; fit(); });
  back.addEventListener("click", () => { input.value = input.value.slice(0, -1); fit(); });
  byId("keys").append(clear, back);
}

function say(text, good) {
  said.textContent = text;
  said.className = `said ${good ? "ok" : "bad"}`;
}

async function open(event) {
  event.preventDefault();
  const code = input.value.trim();
  if (!code) {
    say("Type the six characters from your order's screen first.", false);
    input.focus();
    return;
  }
  byId("open").disabled = true;
  try {
    const answer = await fetch(`${base}/keypad`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code }) });
    const told = await answer.json();
    const good = answer.ok && told.door;
    say(told.message || told.error.message, good);
    if (good) { input.value = ""; fit(); }
  } catch {
    say("The keypad doesn't answer: the simulation has stopped.", false);
  } finally {
    byId("open").disabled = false;
  }
}

keys();
input.addEventListener("input", fit);
byId("form").addEventListener("submit", open);
follow();
