// Where sharpening is masked is shown while Alt is held at its slider; on a phone, while the slider is pressed.

/**
 * @param {import('../common/slider.js').Slider} slider of the masking
 * @param {(isShown: boolean) => void} onShown
 */
export function watchMasking({ element, range }, onShown) {
  let isPressed = false; // by a finger
  let isShown = false;
  const update = (alt) => {
    const was = isShown;
    isShown = isPressed || (alt && element.matches(':hover, :focus-within'));
    if (isShown !== was) onShown(isShown);
  };
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Alt' || !element.matches(':hover, :focus-within')) return;
    event.preventDefault(); // it would go to the browser's menu
    update(true);
  });
  document.addEventListener('keyup', ({ key }) => { if (key === 'Alt') update(false); });
  addEventListener('blur', () => update(false));
  element.addEventListener('pointermove', ({ altKey }) => update(altKey));
  element.addEventListener('pointerleave', ({ altKey }) => update(altKey));
  range.addEventListener('pointerdown', ({ pointerType, altKey }) => {
    isPressed = pointerType === 'touch';
    update(altKey);
  });
  for (const name of ['pointerup', 'pointercancel']) range.addEventListener(name, ({ altKey }) => { isPressed = false; update(altKey); });
}
