/**
 * What the page's script adds, in the language of browsers: details of single calls, under the pointer and
 * under the arrow keys. It reads the marks that `render-report.tsx` embeds:
 * per timeline and lane, arrays `[call, calls, start, end, computing, waiting, failed?, error?]`, times in
 * milliseconds, errors as indices into a list of messages.
 * Kept as text because it runs in another world than the rest; the page is complete without it.
 */
export const SCRIPT = String.raw`
'use strict'
{
  const { rows, errors } = JSON.parse(document.getElementById('marks').textContent)
  const tip = document.getElementById('tip')
  const keys = document.querySelector('.keys')
  if (keys) keys.hidden = false
  let shown // the timeline whose call is shown: { leave, follow }

  const time = (ms) => {
    const [value, unit] = ms >= 120000 ? [ms / 60000, 'min'] : ms >= 1000 ? [ms / 1000, 's'] : [ms, 'ms']
    return Number(value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 3)) + '\u00a0' + unit
  }

  const describe = (lane, [call, calls, start, end, computing, waiting, failed = 0, error]) => {
    const lines = [
      (calls === 1 ? 'call ' + call : calls + ' calls from call ' + call) + ', ' + lane.name,
      time(start) + ' to ' + time(end) + ', ' + time(end - start) + ' long',
      'computing ' + time(computing) + ', waiting ' + time(waiting),
    ]
    if (failed > 0) {
      const message = errors[error] === undefined ? '' : (calls === 1 ? ': ' : ', the first: ') + errors[error]
      lines.push('× ' + (calls === 1 ? 'failed' : failed + ' failed') + message)
    }
    return lines
  }

  for (const box of document.querySelectorAll('.timeline .scroll')) {
    const lanes = rows[Number(box.dataset.row)]
    const ink = box.querySelector('.lanes')
    const end = Number(ink.dataset.end)
    const cursor = document.createElement('div')
    cursor.className = 'cursor'
    cursor.hidden = true
    ink.append(cursor)
    let at // [lane, mark] under the cursor

    const leave = () => {
      at = undefined
      if (shown?.leave === leave) shown = undefined
      cursor.hidden = true
      tip.hidden = true
    }

    const show = (lane, index, reveal) => {
      const mark = lanes[lane].marks[index]
      if (at && at[0] === lane && at[1] === index) return
      if (shown?.leave !== leave) shown?.leave()
      shown = { leave, follow }
      at = [lane, index]
      const height = ink.clientHeight / lanes.length
      cursor.hidden = false
      cursor.style.left = (mark[2] / end) * 100 + '%'
      cursor.style.width = ((mark[3] - mark[2]) / end) * 100 + '%'
      cursor.style.top = lane * height + 'px'
      cursor.style.height = height + 'px'
      tip.replaceChildren(
        ...describe(lanes[lane], mark).map((line) => {
          const part = document.createElement('div')
          part.textContent = line
          return part
        }),
      )
      if (reveal) cursor.scrollIntoView({ block: 'nearest', inline: 'nearest' })
      follow()
    }

    const follow = () => {
      const rect = cursor.getBoundingClientRect()
      tip.hidden = rect.bottom < 0 || rect.top > innerHeight
      const left = Math.max(rect.left, box.getBoundingClientRect().left)
      tip.style.left = Math.max(8, Math.min(left, innerWidth - tip.offsetWidth - 8)) + 'px'
      const above = rect.top - tip.offsetHeight - 8
      tip.style.top = (above >= 8 ? above : rect.bottom + 8) + 'px'
    }

    // The mark of a lane at a time: the one around it, else the nearest.
    const nearest = (lane, ms) => {
      const marks = lanes[lane].marks
      let best = -1
      let distance = Infinity
      for (let index = 0; index < marks.length; index++) {
        const away = Math.max(marks[index][2] - ms, ms - marks[index][3], 0)
        if (away < distance) [best, distance] = [index, away]
      }
      return [best, distance]
    }

    const point = (event) => {
      const rect = ink.getBoundingClientRect()
      const lane = Math.floor(((event.clientY - rect.top) / rect.height) * lanes.length)
      if (lane < 0 || lane >= lanes.length) return leave()
      const [index, distance] = nearest(lane, ((event.clientX - rect.left) / rect.width) * end)
      if (index >= 0 && (distance / end) * rect.width <= 6) show(lane, index)
      else leave()
    }
    ink.addEventListener('pointermove', point)
    ink.addEventListener('pointerdown', point)
    ink.addEventListener('pointerleave', (event) => {
      if (event.pointerType === 'mouse') leave()
    })
    box.addEventListener('blur', leave)

    const beside = (from, step, ms) => {
      for (let lane = from + step; lane >= 0 && lane < lanes.length; lane += step) {
        if (lanes[lane].marks.length > 0) return show(lane, nearest(lane, ms)[0], true)
      }
    }
    box.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === 'Escape') return leave()
      if (!/^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(event.key)) return
      event.preventDefault()
      if (at === undefined) return beside(-1, 1, 0)
      const [lane, index] = at
      const marks = lanes[lane].marks
      if (event.key === 'ArrowRight') show(lane, Math.min(index + 1, marks.length - 1), true)
      else if (event.key === 'ArrowLeft') show(lane, Math.max(index - 1, 0), true)
      else if (event.key === 'Home') show(lane, 0, true)
      else if (event.key === 'End') show(lane, marks.length - 1, true)
      else beside(lane, event.key === 'ArrowDown' ? 1 : -1, marks[index][2])
    })
  }

  addEventListener('scroll', () => shown?.follow(), { passive: true, capture: true })
  addEventListener('resize', () => shown?.follow(), { passive: true })
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') shown?.leave()
  })
}
`
