// Owns how the page at /docs looks: our name and colors, light and dark, wide and narrow. Everything is served from here.

const css = `
:root { --ink: #10243e; --soft: #5a6b80; --paper: #f7f9fb; --card: #ffffff; --line: #d9e1ea; --brand: #0b7a75; --deep: #0d2b45 }
html.dark-mode { --ink: #e6edf3; --soft: #9fb0c0; --paper: #0b1622; --card: #12212f; --line: #24384a; --brand: #3fc1b0; --deep: #08121c }
html, html.dark-mode, body { background: var(--paper); color-scheme: light }
html.dark-mode { color-scheme: dark }
.name { background: var(--deep); border-bottom: 3px solid var(--brand); color: #fff; padding: 14px 20px; font: 600 17px system-ui, sans-serif; display: flex; flex-wrap: wrap; gap: 4px 22px; align-items: center }
.name svg { width: 26px; height: 26px; flex: none }
.name a { color: #bfe7e2; font-weight: 400; font-size: 14px; text-decoration: none }
.name a:hover, .name a:focus-visible { color: #fff; text-decoration: underline }
.name span { margin-right: auto }
.swagger-ui, .swagger-ui .info .title, .swagger-ui .opblock-tag, .swagger-ui .opblock .opblock-summary-path, .swagger-ui .info li, .swagger-ui .info p, .swagger-ui table thead tr td, .swagger-ui table thead tr th { font-family: system-ui, sans-serif }
.swagger-ui .opblock .opblock-summary-path, .swagger-ui .opblock .opblock-summary-method { font-family: ui-monospace, monospace }
.swagger-ui, .swagger-ui .info .title, .swagger-ui .info p, .swagger-ui .opblock-tag, .swagger-ui .opblock .opblock-summary-path { color: var(--ink) }
.swagger-ui .opblock-tag small, .swagger-ui .opblock .opblock-summary-description { color: var(--soft) }
.swagger-ui .info { margin: 28px 0 }
.swagger-ui .info .title small { background: var(--soft) }
.swagger-ui .info .title small.version-stamp { background: var(--brand) }
.swagger-ui .info .title small pre { color: #fff }
html.dark-mode .swagger-ui .info .title small pre { color: #08121c }
.swagger-ui .info a, .swagger-ui .renderedMarkdown a { color: var(--brand) }
html[lang] .swagger-ui .scheme-container { background: transparent; box-shadow: none; padding: 0 0 12px }
.swagger-ui .opblock-tag { border-bottom: 1px solid var(--line) }
html[lang] .swagger-ui .opblock[class][id] { border: 1px solid var(--line); background: var(--card); box-shadow: none }
html.dark-mode .swagger-ui { background: var(--paper) }
.swagger-ui .info .link { display: none }
html[lang] .swagger-ui .opblock[id] .opblock-section-header { background: transparent; box-shadow: none; border-top: 1px solid var(--line) }
html[lang] .swagger-ui .opblock.opblock-get[id] .opblock-summary-method { background: #0b7a75; color: #fff }
html[lang] .swagger-ui .opblock.opblock-post[id] .opblock-summary-method { background: #1d5fa8; color: #fff }
html[lang] .swagger-ui .opblock.opblock-put[id] .opblock-summary-method, html[lang] .swagger-ui .opblock.opblock-patch[id] .opblock-summary-method { background: #8a5a00; color: #fff }
html[lang] .swagger-ui .opblock.opblock-delete[id] .opblock-summary-method { background: #b3261e; color: #fff }
html[lang] .swagger-ui .opblock[class][id] .opblock-summary { border-color: var(--line) }
.swagger-ui .opblock .tab-header .tab-item.active h4 span::after { background: var(--brand) !important }
.swagger-ui .btn.authorize { border-color: var(--brand); color: var(--brand) }
.swagger-ui .btn.authorize svg { fill: var(--brand) }
.swagger-ui .btn.execute { background: var(--brand); border-color: var(--brand) }
html.dark-mode .swagger-ui .btn.execute { color: #08121c }
.swagger-ui :focus-visible { outline: 2px solid var(--brand); outline-offset: 2px }
@media (max-width: 640px) {
  .swagger-ui .wrapper, .swagger-ui .scheme-container .schemes { padding: 0 12px }
  .swagger-ui .info .title { font-size: 26px }
  .swagger-ui .opblock .opblock-summary { flex-wrap: wrap; gap: 4px }
  .swagger-ui .opblock .opblock-summary-control { flex-wrap: wrap; min-width: 0 }
  .swagger-ui .opblock .opblock-summary-path { max-width: 100%; font-size: 13px; word-break: break-all }
  .swagger-ui .opblock .opblock-summary-description { flex-basis: 100%; padding: 0 10px }
  .swagger-ui .opblock-tag small { display: block; padding: 2px 0 }
  .swagger-ui .opblock-body, .swagger-ui table { overflow-x: auto; max-width: 100% }
}
`

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b7a75"/>' +
  '<path d="M6 21h7l6-10h7M21 6l5 5-5 5M6 11h5l2 3M18 19l1 2h7" fill="none" stroke="#fff" stroke-width="2.6" stroke-linejoin="round"/></svg>'

/** Runs before the framework's script draws the page. */
const script = (title: string) => `
const viewport = document.createElement('meta')
viewport.name = 'viewport'
viewport.content = 'width=device-width, initial-scale=1'
document.head.append(viewport)
const dark = matchMedia('(prefers-color-scheme: dark)')
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', paint)
paint()
const root = location.pathname.replace(/\\/docs\\/?.*$/, '')
const head = document.createElement('header')
head.className = 'name'
head.innerHTML = ${JSON.stringify(icon)}
const name = document.createElement('span')
name.textContent = ${JSON.stringify(title)}
head.append(name, ...['openapi.json', 'asyncapi.json', 'llms.txt'].map((file) => {
  const link = document.createElement('a')
  link.href = root + '/' + file
  link.textContent = file
  return link
}))
document.body.prepend(head)
`

export const docsTheme = (title: string) => ({
  title,
  css: [{ filename: 'theme.css', content: css }],
  js: [{ filename: 'theme.js', content: script(title) }],
  favicon: [{ filename: 'icon.svg', rel: 'icon', type: 'image/svg+xml', sizes: 'any', content: icon }],
})
