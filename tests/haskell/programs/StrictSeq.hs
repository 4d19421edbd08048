{-# LANGUAGE BangPatterns #-}
-- What is evaluated, when and how often: seq, bang patterns, ($!), lazy patterns, strict
-- fields, evaluate, sharing. Catches a change of strictness.
module Main (main) where

import Control.Exception
import Data.IORef
import System.IO.Unsafe

data S = S !Int Int

bang, noBang :: Int -> Int
bang !_ = 1
noBang _ = 1
{-# NOINLINE bang #-}
{-# NOINLINE noBang #-}

main :: IO ()
main = do
  t "seq" (undefined `seq` 1)
  t "seq of pair" ((undefined, undefined :: Int) `seq` (1 :: Int) :: Int) 
  t "bang" (bang undefined)
  t "no bang" (noBang undefined)
  t "strict field" (case S undefined 1 of S _ b -> b)
  t "lazy field" (case S 1 undefined of S a _ -> a)
  t "lazy pattern" ((\ ~(_, _) -> 1) undefined)
  t "foldl'" (foldr (\_ _ -> 1) 0 [undefined, undefined])
  t "length" (length [undefined, undefined])
  t "apply strictly" (noBang $! undefined)
  n <- newIORef (0 :: Int)
  let shared = unsafePerformIO (modifyIORef n (+ 1) >> return 21) :: Int
  print (shared + shared)
  readIORef n >>= print
  where
    t name x = do
      r <- try (evaluate x)
      putStrLn (name ++ ": " ++ either (\e -> head (lines (show (e :: ErrorCall)))) show r)
