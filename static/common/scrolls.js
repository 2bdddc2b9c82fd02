// What scrolls shows by fading edges that there is more, see the `.scrolls` rule in workspace.css.

/**
 * Lets an element that scrolls say on which sides there is more of it.
 * @param {HTMLElement} element
 * @returns {HTMLElement} the same
 */
export function scrolls(element) {
  const mark = () => {
    const { scrollTop, scrollHeight, clientHeight, scrollLeft, scrollWidth, clientWidth } = element;
    const more = {
      up: scrollTop > 1,
      down: scrollTop + clientHeight < scrollHeight - 1,
      left: scrollLeft > 1,
      right: scrollLeft + clientWidth < scrollWidth - 1,
    };
    element.dataset.more = Object.keys(more).filter((side) => more[side]).join(' ');
  };
  const sizes = new ResizeObserver(mark);
  const watch = () => {
    sizes.disconnect();
    for (const each of [element, ...element.children]) sizes.observe(each);
  };
  element.classList.add('scrolls');
  element.addEventListener('scroll', mark, { passive: true });
  new MutationObserver(watch).observe(element, { childList: true });
  watch();
  return element;
}
