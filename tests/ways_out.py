"""Every way in which a page could make its browser reach an address, for a canary there to notice."""

# Each names itself in the path that it asks for. `AT` is the canary's HTTP address, `PORT` its port.
MARKUP = """
<link rel="stylesheet" href="AT/stylesheet">
<link rel="icon" href="AT/icon">
<link rel="manifest" href="AT/manifest">
<link rel="prefetch" href="AT/prefetch">
<link rel="preload" as="script" href="AT/preload">
<link rel="modulepreload" href="AT/modulepreload">
<link rel="preconnect" href="AT">
<link rel="dns-prefetch" href="AT">
<script type="speculationrules">
{"prefetch": [{"urls": ["AT/speculation"]}], "prerender": [{"urls": ["AT/prerender"]}]}
</script>
<style>
@import url("AT/css-import");
@font-face { font-family: lain; src: url("AT/font"); }
body { font-family: lain; background: url("AT/background"); }
</style>
<img src="AT/image" srcset="AT/srcset 2x">
<picture><source srcset="AT/source"><img src="AT/picture"></picture>
<svg><image href="AT/svg-image"></image><use href="AT/svg-use#x"></use></svg>
<input type="image" src="AT/input">
<iframe src="AT/iframe"></iframe>
<iframe src="/keluar/iframe"></iframe>
<iframe srcdoc="<img src='AT/srcdoc'><script>fetch('AT/srcdoc-fetch', {mode: 'no-cors'})</script>"></iframe>
<object data="AT/object"></object>
<embed src="AT/embed">
<video src="AT/video" poster="AT/poster" autoplay><track src="AT/track" default></video>
<audio src="AT/audio" autoplay></audio>
<script src="AT/script"></script>
<script type="module">import "AT/module";</script>
<iframe name="bingkai"></iframe><iframe name="borang"></iframe>
<a id="pranala" href="#x" ping="AT/ping">x</a>
<a id="unduh" href="AT/download" download target="bingkai">x</a>
"""

SCRIPT = """
const at = "AT", ignore = () => {};
const ways = [
    () => fetch(at + "/fetch", {mode: "no-cors"}).catch(ignore),
    () => fetch(at + "/fetch-cors").catch(ignore),
    () => fetch(at + "/fetch-post", {method: "POST", mode: "no-cors", body: "x"}).catch(ignore),
    () => fetch("/keluar/fetch", {mode: "no-cors"}).catch(ignore),
    () => fetch("https://127.0.0.1:PORT/fetch-tls", {mode: "no-cors"}).catch(ignore),
    () => fetch("http://localhost:PORT/fetch-name", {mode: "no-cors"}).catch(ignore),
    () => fetch("http://0.0.0.0:PORT/fetch-zero", {mode: "no-cors"}).catch(ignore),
    () => fetch("http://2130706433:PORT/fetch-number", {mode: "no-cors"}).catch(ignore),
    () => { const asked = new XMLHttpRequest(); asked.open("GET", at + "/xhr"); asked.send(); },
    () => navigator.sendBeacon(at + "/beacon", "x"),
    () => new WebSocket(at.replace("http", "ws") + "/websocket"),
    () => new EventSource(at + "/eventsource"),
    () => import(at + "/import").catch(ignore),
    () => { new Image().src = at + "/new-image"; },
    () => { new Image().src = "/keluar/image"; },
    () => new Worker(URL.createObjectURL(new Blob(
        [`fetch("${at}/worker", {mode: "no-cors"}).catch(() => 0); importScripts("${at}/worker-import")`]))),
    () => new SharedWorker(URL.createObjectURL(new Blob(
        [`fetch("${at}/shared-worker", {mode: "no-cors"}).catch(() => 0)`]))),
    () => navigator.serviceWorker.register("/pekerja.js").catch(ignore),
    () => {
        const form = document.createElement("form");
        Object.assign(form, {action: at + "/form", method: "post", target: "borang"});
        document.body.append(form);
        form.submit();
        setTimeout(() => form.remove(), 1000);
    },
    () => document.getElementById("pranala").click(),
    () => document.getElementById("unduh").click(),
    () => window.open(at + "/window-open"),
    () => window.open("/keluar/window-open"),
    () => { const other = window.open("about:blank"); if (other) other.location = at + "/popup"; },
    () => {
        const peer = new RTCPeerConnection({iceServers: [
            {urls: "stun:127.0.0.1:PORT"},
            {urls: "turn:127.0.0.1:PORT?transport=tcp", username: "a", credential: "b"}]});
        peer.createDataChannel("x");
        peer.createOffer().then(offer => peer.setLocalDescription(offer));
    },
    () => new WebTransport("https://127.0.0.1:PORT/webtransport"),
    () => {
        const frame = document.createElement("iframe");
        document.body.append(frame);
        frame.contentWindow.fetch(at + "/other-realm", {mode: "no-cors"}).catch(ignore);
        new frame.contentWindow.RTCPeerConnection({iceServers: [{urls: "stun:127.0.0.1:PORT"}]})
            .createOffer({offerToReceiveAudio: true});
    },
    () => {
        document.head.insertAdjacentHTML("beforeend",
            `<meta http-equiv="refresh" content="2;url=${at}/meta-refresh">`);
        setTimeout(element => element.remove(), 2300, document.head.lastElementChild);
    },
    () => setTimeout(() => { location.href = at + "/location"; }, 1200),
];
for (const way of ways) { try { way(); } catch (error) { console.log(String(error)); } }
"""

WORKER = """
self.addEventListener("install", () => fetch("AT/service-worker", {mode: "no-cors"}));
self.addEventListener("fetch", event => event.respondWith(fetch("AT/service-worker-fetch")));
"""


def aimed(text: str, port: int) -> str:
    """Return one of the texts with the canary's address in it."""
    return text.replace("AT", f"http://127.0.0.1:{port}").replace("PORT", str(port))
