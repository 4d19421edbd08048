-- A value that needs itself is NonTermination, which a program can catch. Catches a black hole
-- that hangs.
module Main (main) where

import Control.Exception
import System.IO

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  let x = loop (x + 1)
  r <- try (evaluate x)
  print (r :: Either NonTermination Int)

loop :: Int -> Int
loop n = n + 1
{-# NOINLINE loop #-}
