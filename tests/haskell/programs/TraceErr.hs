-- Debug.Trace writes to stderr, through C, at the moment of evaluation and once.
module Main (main) where

import Debug.Trace
import System.IO

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  hSetBuffering stderr LineBuffering
  let x = trace "x is evaluated" (21 :: Int)
  putStrLn "before"
  print (x + x)
  traceIO "traceIO: ü"
  print (sum (map (\n -> traceShow n n) [1 .. 3 :: Int]))
  traceM "traceM"
  putStrLn (traceShowId "traced")
  traceEventIO "no event log"
  traceMarkerIO "no marker"
