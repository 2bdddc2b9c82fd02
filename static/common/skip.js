// The link that keyboards meet first: past the tabs, the strip and the filters, to what is worked on.

const WORK = '.photo-wall, .people-scroll, .stage';

const link = document.getElementById('skip');
link.addEventListener('click', (event) => {
  event.preventDefault(); // the address tells where one is
  const work = [...document.querySelectorAll(WORK)].find((each) => each.checkVisibility());
  if (!work) return;
  if (!work.hasAttribute('tabindex')) work.tabIndex = -1;
  work.focus();
});
