"""Makes .dvc/plots_page.html, in which `dvc plots show` draws without a network.

    python .dvc/make_plots_page.py

DVC's own page loads Vega from the web. This one carries it: vl-convert brings Vega, Vega-Lite and
Vega-Embed (BSD licence) as one script.
"""

from pathlib import Path

import vl_convert

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{{refresh_tag}}
<title>threeway</title>
<style>
body {{ font-family: system-ui, sans-serif; margin: 1.5rem auto; max-width: 72rem; }}
img {{ height: auto; max-width: 100%; }}
div {{ overflow-x: auto; }}
</style>
<script>{script}</script>
</head>
<body>
{{plot_divs}}
</body>
</html>
"""

if __name__ == "__main__":
    # A script that says "</script>" in a string would end its own element.
    script = vl_convert.javascript_bundle(vl_version="5.21").replace("</script", "<\\/script")
    Path(__file__).with_name("plots_page.html").write_text(PAGE.format(script=script))
