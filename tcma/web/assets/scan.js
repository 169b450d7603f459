// Reads a badge's code with the camera or from a picture, where the browser can, into the box beside it.
const box = document.querySelector("[data-scan]");
if (box && "BarcodeDetector" in window) begin(box);

async function begin(box) {
  const into = document.querySelector(box.dataset.scan);
  const [camera, picture, video, said] = ["button", "input", "video", "[role=status]"].map((each) =>
    box.querySelector(each),
  );
  const known = await BarcodeDetector.getSupportedFormats();
  const wanted = ["qr_code", "aztec", "data_matrix", "pdf417"].filter((each) => known.includes(each));
  if (!wanted.length) return;
  const reader = new BarcodeDetector({ formats: wanted });
  let stream;
  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.hidden = true;
    camera.ariaPressed = "false";
  };
  const read = async (from) => {
    const [code] = await reader.detect(from);
    if (!code) return false;
    into.value = code.rawValue;
    into.closest("details").open = true;
    said.textContent = box.dataset.read;
    stop();
    into.scrollIntoView({ block: "center" });
    return true;
  };
  const look = async () => {
    if (!stream) return;
    const done = await read(video).catch(() => false);
    if (!done) setTimeout(look, 200);
  };
  camera.addEventListener("click", async () => {
    if (stream) return stop();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = stream;
      video.hidden = false;
      camera.ariaPressed = "true";
      said.textContent = box.dataset.hold;
      await video.play();
      look();
    } catch {
      stop();
      said.textContent = box.dataset.refused;
    }
  });
  picture.addEventListener("change", async () => {
    const [file] = picture.files;
    const found = file && (await createImageBitmap(file).then(read).catch(() => false));
    if (file && !found) said.textContent = box.dataset.nothing;
  });
  camera.hidden = !navigator.mediaDevices?.getUserMedia;
  box.hidden = false;
  addEventListener("pagehide", stop);
}
