'use strict';
// Keeps the numbers of the flow page fresh. Everything it shows was written by the server.
(() => {
  const flow = document.getElementById('flow');
  if (!flow) return;
  const freshness = document.getElementById('freshness');
  const spoken = document.getElementById('spoken');
  const EVERY_MS = 1000;
  const HIDDEN_EVERY_MS = 10000;
  const ANSWER_MS_MAX = 5000;

  // A screen reader hears a change of the balance, not every digit.
  const announce = () => {
    const headline = document.getElementById('headline');
    if (headline && spoken.textContent !== headline.textContent) {
      spoken.textContent = headline.textContent;
    }
  };

  const refresh = async () => {
    try {
      const answer = await fetch(flow.dataset.refresh, {
        cache: 'no-store',
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      if (answer.status === 401) {
        location.assign('/sign-in');
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      flow.innerHTML = await answer.text();
      flow.classList.remove('stale');
      freshness.textContent = 'Refreshes every second';
      announce();
    } catch (e) {
      flow.classList.add('stale');
      freshness.textContent = 'No answer from the server; these numbers are old. Trying again.';
    }
    setTimeout(refresh, document.hidden ? HIDDEN_EVERY_MS : EVERY_MS);
  };

  setTimeout(refresh, EVERY_MS);
})();
