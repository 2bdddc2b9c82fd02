// The tabs at the top of the page, which Gradio makes.

/** Opens the tab of this name. */
export function openTab(name) {
  const tabs = [...document.querySelectorAll('#tabs > .tab-wrapper [role=tab]')];
  tabs.find((tab) => tab.textContent.trim() === name).click();
}
