-- hGetChar, hLookAhead and a switch of buffering in the middle of the input. Catches characters
-- that are dropped when the mode changes.
module Main (main) where

import Control.Monad
import System.IO

main :: IO ()
main = do
  a <- getChar
  b <- hLookAhead stdin
  c <- getChar
  print [a, b, c]
  hSetBuffering stdin NoBuffering
  replicateM 3 getChar >>= print
  hSetBuffering stdin LineBuffering
  getLine >>= print
  hSetBuffering stdin (BlockBuffering (Just 7))
  getLine >>= print
  replicateM 5 (hGetChar stdin) >>= print
  hSetBuffering stdin NoBuffering
  getLine >>= print
  isEOF >>= print
