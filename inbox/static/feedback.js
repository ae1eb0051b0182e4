/* A feedback form for any page:
     <script src="https://HOOK/feedback.js" data-key="FORM KEY" data-lang="vi" defer></script>
   data-into="#place" puts it into the page instead of behind a button; data-product and
   data-version say what it is about. It sets no cookie, loads nothing else, uses neither eval
   nor style attributes, and sends the page's address without its query. */
(() => {
  "use strict";
  const script = document.currentScript;
  const told = script.dataset;
  const place = new URL("feedback", script.src).href;
  const language = (told.lang || document.documentElement.lang || "en").toLowerCase();
  const words = {
    en: {
      open: "Feedback", title: "What should we know?", kind: "This is",
      feedback: "an opinion", bug: "a fault", stars: "How was it?",
      star: (n) => `${n} of 5 stars`, text: "Your words",
      hint: "Please leave out phone numbers, addresses and order numbers.",
      send: "Send", close: "Close", sending: "Sending …", sent: "Thank you. We have it.",
      empty: "Write a few words, or choose the stars.", many: "Too many at once. Please try again in a minute.",
      failed: "It could not be sent. Your words are still here: please try again.",
    },
    vi: {
      open: "Góp ý", title: "Bạn muốn nói gì với chúng tôi?", kind: "Đây là",
      feedback: "ý kiến", bug: "báo lỗi", stars: "Bạn thấy thế nào?",
      star: (n) => `${n} trên 5 sao`, text: "Lời của bạn",
      hint: "Xin đừng ghi số điện thoại, địa chỉ hay mã đơn hàng.",
      send: "Gửi", close: "Đóng", sending: "Đang gửi …", sent: "Cảm ơn bạn. Chúng tôi đã nhận được.",
      empty: "Hãy viết vài lời, hoặc chọn số sao.", many: "Gửi quá nhiều lần. Xin thử lại sau một phút.",
      failed: "Chưa gửi được. Lời của bạn vẫn còn đây: xin thử lại.",
    },
  }[language.startsWith("vi") ? "vi" : "en"];

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { color-scheme: light dark; --ink: #1a222b; --muted: #56606b; --paper: #fff; --line: #8d8b83;
      --accent: #0c5f58; --on-accent: #fff; --bad: #b03410; --star: #7d5200; --focus: #0a56c9;
      font: 16px/1.55 system-ui, "Segoe UI", Roboto, sans-serif; color: var(--ink); }
    @media (prefers-color-scheme: dark) { :host { --ink: #e8edf2; --muted: #a3b0bc; --paper: #182027;
      --line: #6d7b88; --accent: #63cbbf; --on-accent: #07211e; --bad: #ff936e; --star: #e6b84d; --focus: #8fc0ff; } }
    * { box-sizing: border-box; font: inherit; color: inherit; }
    button { min-height: 44px; padding: 8px 18px; border: 1px solid var(--line); border-radius: 10px;
      background: var(--paper); cursor: pointer; }
    .main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
    button:disabled { opacity: .6; cursor: default; }
    .open { position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; box-shadow: 0 2px 10px rgb(20 25 30 / .25); }
    dialog { width: min(440px, calc(100vw - 24px)); padding: 0; border: 1px solid var(--line); border-radius: 14px;
      background: var(--paper); }
    dialog::backdrop { background: rgb(10 15 20 / .45); }
    form { display: grid; gap: 16px; padding: 20px 22px; background: var(--paper); border-radius: 14px; }
    .placed { border: 1px solid var(--line); max-width: 440px; }
    h2 { margin: 0; font-size: 1.2rem; line-height: 1.35; font-weight: 680; }
    fieldset { margin: 0; padding: 0; border: 0; min-width: 0; }
    legend, .label { display: block; padding: 0; margin-bottom: 6px; font-weight: 600; }
    .choices { display: flex; flex-wrap: wrap; gap: 8px 20px; }
    .choices label { display: flex; align-items: center; gap: 8px; min-height: 32px; cursor: pointer; }
    input[type=radio] { width: 18px; height: 18px; margin: 0; accent-color: var(--accent); }
    .stars { display: flex; align-items: center; margin-left: -5px; }
    .stars label { padding: 0 5px; font-size: 30px; line-height: 44px; color: var(--line); cursor: pointer; }
    .stars input { position: absolute; width: 1px; height: 1px; opacity: 0; }
    .stars input:checked + label, .stars label:hover { color: var(--star); }
    .stars label:has(~ input:checked), .stars label:has(~ label:hover) { color: var(--star); }
    .stars input:focus-visible + label { outline: 3px solid var(--focus); border-radius: 6px; }
    textarea { display: block; width: 100%; min-height: 116px; padding: 10px 12px; border: 1px solid var(--line);
      border-radius: 10px; background: transparent; resize: vertical; }
    :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
    .hint { margin: 6px 0 0; font-size: .86rem; color: var(--muted); }
    .said { margin: 0; min-height: 1.55em; font-weight: 600; }
    .said.bad { color: var(--bad); }
    .row { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; }
    .trap { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  `);

  const make = (tag, with_ = {}, ...inside) => {
    const { dataset, ...rest } = with_;
    const made = Object.assign(document.createElement(tag), rest);
    for (const [name, value] of Object.entries(dataset || {})) made.setAttribute(name, value);
    made.append(...inside);
    return made;
  };
  const radio = (name, value, label, checked) =>
    make("label", {}, make("input", { type: "radio", name, value, defaultChecked: checked }), label);
  const star = (n) => [
    make("input", { type: "radio", name: "stars", value: String(n), id: `s${n}`, ariaLabel: words.star(n) }),
    make("label", { htmlFor: `s${n}`, title: words.star(n), dataset: { "aria-hidden": "true" } }, "★"),
  ];

  const said = make("p", { className: "said", role: "status" });
  const send = make("button", { className: "main", type: "submit" }, words.send);
  const close = make("button", { type: "button" }, words.close);
  const form = make("form", { noValidate: true },
    make("h2", { id: "head" }, words.title),
    make("fieldset", {}, make("legend", {}, words.kind),
      make("div", { className: "choices" },
        radio("kind", "feedback", words.feedback, true), radio("kind", "bug", words.bug, false))),
    make("fieldset", {}, make("legend", {}, words.stars),
      make("div", { className: "stars" }, ...[1, 2, 3, 4, 5].flatMap(star))),
    make("div", {},
      make("label", { className: "label", htmlFor: "text" }, words.text),
      make("textarea", { id: "text", name: "text", maxLength: 5000, dataset: { "aria-describedby": "hint" } }),
      make("p", { className: "hint", id: "hint" }, words.hint)),
    make("div", { className: "trap", dataset: { "aria-hidden": "true" } },
      make("label", {}, "Website", make("input", { name: "website", tabIndex: -1, autocomplete: "off" }))),
    said,
    make("div", { className: "row" }, send, close));

  const say = (text, isBad) => {
    said.textContent = text;
    said.classList.toggle("bad", Boolean(isBad));
  };
  let nonce = crypto.randomUUID();

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = new FormData(form);
    if (!String(fields.get("text")).trim() && !fields.get("stars")) {
      say(words.empty, true);
      form.querySelector("textarea").focus();
      return;
    }
    fields.set("form_key", told.key || "");
    fields.set("nonce", nonce);
    fields.set("page", location.origin + location.pathname);
    fields.set("language", language.slice(0, 2));
    for (const name of ["product", "version"]) if (told[name]) fields.set(name, told[name]);
    send.disabled = true;
    say(words.sending);
    try {
      const answer = await fetch(place, {
        method: "POST", body: new URLSearchParams(fields), credentials: "omit", referrerPolicy: "no-referrer",
      });
      if (!answer.ok) throw answer.status;
      form.reset();
      nonce = crypto.randomUUID();
      say(words.sent);
    } catch (fault) {
      say(fault === 429 ? words.many : words.failed, true);
    } finally {
      send.disabled = false;
    }
  });

  const host = make("div");
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  const into = told.into && document.querySelector(told.into);
  if (into) {
    close.remove();
    form.className = "placed";
    form.setAttribute("aria-labelledby", "head");
    root.append(form);
    into.append(host);
    return;
  }
  const dialog = make("dialog", { dataset: { "aria-labelledby": "head" } }, form);
  const open = make("button", { className: "open main", type: "button" }, words.open);
  open.addEventListener("click", () => { say(""); dialog.showModal(); });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => open.focus());
  root.append(open, dialog);
  document.body.append(host);
})();
