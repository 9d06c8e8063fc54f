using System.Text.Json;

namespace CacheGateway.BrowserTests.Infrastructure;

/// <summary>What a person without a mouse, or without sight, would stumble over; looked for in the page as it stands.</summary>
internal static class PageAudit
{
    /// <summary>Everything found, in words; empty = nothing.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(IPage page) =>
        JsonSerializer.Deserialize<string[]>(await page.EvaluateAsync<string>(Script))!;

    /// <summary>Text whose contrast with what is behind it is below 4.5 to 1 (3 to 1 where it is large), WCAG 2.2 1.4.3.</summary>
    public static async Task<IReadOnlyList<string>> FindPaleTextAsync(IPage page) =>
        JsonSerializer.Deserialize<string[]>(await page.EvaluateAsync<string>(ContrastScript))!;

    /// <summary>Presses Tab through the page; gives every control that should have been met and was not.</summary>
    public static async Task<IReadOnlyList<string>> FindUnreachableAsync(IPage page)
    {
        var count = await page.EvaluateAsync<int>(MarkControls);
        for (var i = 0; i < count + 5; i++)
        {
            await page.Keyboard.PressAsync("Tab");
        }

        return JsonSerializer.Deserialize<string[]>(await page.EvaluateAsync<string>(
            "() => JSON.stringify([...document.querySelectorAll('[data-control]:not([data-met])')].map(e => e.outerHTML.slice(0, 120)))"))!;
    }

    private const string MarkControls = """
        () => {
          const controls = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
            .filter(e => e.checkVisibility({ visibilityProperty: true }));
          controls.forEach(e => e.setAttribute('data-control', ''));
          document.addEventListener('focusin', event => event.target.setAttribute('data-met', ''));
          document.activeElement?.blur();
          return controls.length;
        }
        """;

    private const string Script = """
        () => {
          const found = [];
          const say = (what, e) => found.push(what + ': ' + (e?.outerHTML ?? '').slice(0, 140));
          const all = s => [...document.querySelectorAll(s)];
          const textOf = id => document.getElementById(id)?.textContent.trim() ?? null;
          const nameOf = e => (e.getAttribute('aria-label') ?? '').trim()
            || (e.getAttribute('aria-labelledby') ?? '').split(/\s+/).filter(Boolean).map(textOf).join(' ').trim()
            || (e.labels ? [...e.labels].map(l => l.textContent.trim()).join(' ') : '')
            || e.textContent.trim() || (e.querySelector?.('img')?.alt ?? '');
          if (!document.documentElement.lang) say('no language');
          if (!document.title.trim()) say('no title');
          if (all('h1').length !== 1) say('not one h1 but ' + all('h1').length);
          if (all('main').length !== 1) say('not one main');
          let level = 0;
          for (const h of all('h1, h2, h3, h4')) { const n = +h.tagName[1]; if (n > level + 1) say('heading level skipped', h); level = n; }
          const ids = all('[id]').map(e => e.id);
          ids.filter((id, i) => ids.indexOf(id) !== i).forEach(id => say('id twice: ' + id));
          all('a[href], button, summary, [role=region], [role=group], nav').forEach(e => { if (!nameOf(e)) say('no name', e); });
          all('input:not([type=hidden]), select, textarea').forEach(e => {
            if (!(e.labels?.length) && !e.getAttribute('aria-label')) say('no label', e);
          });
          all('img').forEach(e => { if (!e.hasAttribute('alt')) say('no alt', e); });
          all('svg').forEach(e => { if (e.getAttribute('aria-hidden') !== 'true' && !(e.getAttribute('role') === 'img' && nameOf(e))) say('picture without words', e); });
          all('[aria-labelledby], [aria-describedby], [aria-controls]').forEach(e => ['aria-labelledby', 'aria-describedby', 'aria-controls'].forEach(a =>
            (e.getAttribute(a) ?? '').split(/\s+/).filter(Boolean).forEach(id => { if (!document.getElementById(id)) say(a + ' names nothing', e); })));
          all('table').forEach(t => {
            if (!t.querySelector('thead th[scope=col]')) say('table without column heads', t);
            if (t.querySelector('tbody tr') && !t.querySelector('tbody th[scope=row], tbody tr td')) say('table without cells', t);
          });
          all('th').forEach(e => { if (!e.textContent.trim()) say('empty head', e); });
          all('[style]').forEach(e => say('inline style', e));
          all('script:not([src])').forEach(e => say('inline script', e));
          all('*').forEach(e => e.getAttributeNames().filter(n => n.startsWith('on')).forEach(() => say('inline handler', e)));
          all('.scroll').forEach(e => { if (e.scrollWidth > e.clientWidth && e.tabIndex !== 0) say('scrolls, but not by keyboard', e); });
          all('a[href], button, input:not([type=hidden]), select, summary').filter(e => e.checkVisibility()).forEach(e => {
            const box = e.getBoundingClientRect();
            const isInline = getComputedStyle(e).display === 'inline';
            if (!isInline && (box.height < 20 || box.width < 16) && !e.classList.contains('skip')) say('too small to hit', e);
          });
          return JSON.stringify(found);
        }
        """;

    private const string ContrastScript = """
        () => {
          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const rgba = text => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1); const d = canvas.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
          const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
          const light = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const ground = e => { const layers = []; for (let at = e; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor)); return layers.reverse().reduce((below, layer) => over(layer, below), matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18, 1] : [255, 255, 255, 1]); };
          const found = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const e = node.parentElement;
            if (!node.textContent.trim() || e.closest('svg, noscript, .hidden-text, .skip, option, script') || !e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
            const style = getComputedStyle(e);
            const back = ground(e);
            const [a, b] = [light(over(rgba(style.color), back)), light(back)];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            const isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && +style.fontWeight >= 700);
            if (ratio < (isLarge ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} "${node.textContent.trim().slice(0, 40)}" in ${e.tagName}.${e.className}`);
          }
          return JSON.stringify([...new Set(found)]);
        }
        """;
}
